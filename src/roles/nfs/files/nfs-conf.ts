/** Drop-in for `/etc/nfs.conf.d`: NFS 4.2 over TCP, port 2049, and nothing else. */
export const nfsConf = `[nfsd]
udp=n
tcp=y
vers3=n
vers4=y
vers4.0=n
vers4.1=n
vers4.2=y
`;
