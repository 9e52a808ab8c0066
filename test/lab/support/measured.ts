import type { Lab } from '../lab';
import { report } from './report';

/** Says how long something took on the clock, and of hosts' processors, which others on this machine do not lengthen. */
export async function measured<T>(
  what: string,
  lab: () => Lab | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const spent = () => lab()?.hosts.map((host) => host.processorTime()) ?? [];
  const [began, before] = [performance.now(), spent()];
  const result = await run();
  const each = spent().map(
    (after, index) => `${lab()?.hosts[index]?.name} ${(after - (before[index] ?? 0)).toFixed(0)} s`,
  );
  const clock = ((performance.now() - began) / 1000).toFixed(0);
  report(`${what}: ${clock} s, of processor time ${each.join(', ')}`);
  return result;
}
