/** NFS 4 needs no other. */
export const nfsPort = 2049;

/** The port of a server that is mounted with these options: an external one may have another. */
export function portMounted(options: readonly string[]): number {
  const [port] = options.flatMap((option) => /^port=(\d+)$/.exec(option)?.[1] ?? []);
  return Number(port ?? nfsPort);
}
