import { readFileSync } from 'node:fs';

/** Whether something listens on a TCP port in the network namespace of a process; asks without connecting. */
export function listens(pid: number, port: number): boolean {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, '0');
  // Fields of /proc/net/tcp: number, local address:port, remote address:port, state. 0A is LISTEN.
  const line = new RegExp(`^ *\\d+: [0-9A-F]+:${hexadecimal} [0-9A-F:]+ 0A `, 'm');
  return ['tcp', 'tcp6'].some((file) => {
    try {
      return line.test(readFileSync(`/proc/${pid}/net/${file}`, 'utf8'));
    } catch {
      return false; // The process ended, or the machine has no IPv6.
    }
  });
}
