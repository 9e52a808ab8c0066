/** NFS 4 needs no other. */
export const nfsPort = 2049;

/** Where a server listens that is mounted with these options: another one may have another port. */
export function portMounted(options: readonly string[]): number {
  const [port] = options.flatMap((option) => /^port=(\d+)$/.exec(option)?.[1] ?? []);
  return Number(port ?? nfsPort);
}
