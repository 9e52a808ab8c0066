import { createHash } from 'node:crypto';

/**
 * Seconds that steps took on emulated virtual machines, about as slow as a small board with an SD card:
 * docs/measurements/system.md. That of the load balancer is from the lab's containers.
 */
const measured: Readonly<Record<string, number>> = {
  ...{ prepare: 48, firewall: 6, 'k3s-binary': 55, 'nfs-client': 8, k3s: 132 },
  ...{ nfs: 40, 'database-image': 66, database: 38, 'database-backup': 10 },
  ...{ definitions: 53, 'replaced-nodes': 10, nodes: 13, 'load-balancer': 5, charts: 10 },
  ...{ 'remove-node': 90, leave: 36 },
};

/** Of a server, without the pods that an agent waits for. */
const k3sOfServer = 88;

/** From 0 to 1, the same for the same words. */
export function drawn(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join(' ')).digest().readUInt32BE() / 2 ** 32;
}

/** Seconds of each step of a host, by a factor of the host (0.7 to 1.5) and one of the step (0.8 to 1.2). */
export function drawnSeconds(seed: number, host: string, scale: number): Record<string, number> {
  const ofHost = 0.7 + 0.8 * drawn(seed, host);
  return Object.fromEntries(
    Object.entries(measured).map(([step, seconds]) => {
      const mean = step === 'k3s' && host.startsWith('server') ? k3sOfServer : seconds;
      return [step, mean * ofHost * (0.8 + 0.4 * drawn(seed, host, step)) * scale];
    }),
  );
}

/** A share of some names; a larger share has those of a smaller one, too. */
export function drawnShare(seed: number, names: readonly string[], share: number): string[] {
  const order = (name: string) => drawn(seed, 'share', name);
  return [...names].sort((a, b) => order(a) - order(b)).slice(0, Math.round(names.length * share));
}
