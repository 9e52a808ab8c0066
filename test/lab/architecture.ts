/** What Debian, and cluster.yaml, call a kind of processor. */
export type Architecture = 'amd64' | 'arm64';

/** Of this machine. */
export const ownArchitecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
