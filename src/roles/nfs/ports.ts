/** NFS 4 needs no other. */
export const nfsPort = 2049;
