import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { command } from './command';
import { identify, kill } from './process-identity';

/**
 * The network namespace of a lab: a bridge for the hosts, and the operator's side of it.
 * It forwards between what it has. Hosts which want the internet learn at once that there is none.
 */
export async function networkUp(
  namespace: string,
  addresses: readonly string[],
  files: { readonly hosts: string; readonly resolvConf: string },
): Promise<void> {
  const ip = (...args: string[]) => command('ip', ['-n', namespace, ...args]);
  await command('ip', ['netns', 'add', namespace]);
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', 'bridge', 'type', 'bridge');
  for (const address of addresses) {
    await ip('address', 'add', address, 'dev', 'bridge', ...(address.includes(':') ? ['nodad'] : []));
  }
  await ip('link', 'set', 'bridge', 'up');
  const forward = 'for file in /proc/sys/net/ipv?/conf/all/forwarding; do echo 1 >"$file"; done';
  await command('ip', ['netns', 'exec', namespace, 'sh', '-c', forward]);
  // `ip netns exec` puts these in place of the machine's own.
  mkdirSync(etc(namespace), { recursive: true });
  writeFileSync(`${etc(namespace)}/hosts`, files.hosts);
  writeFileSync(`${etc(namespace)}/resolv.conf`, files.resolvConf);
}

/** Ends every process in the namespace and removes it. What is not there is no error. */
export async function networkDown(namespace: string): Promise<void> {
  const { stdout } = await command('ip', ['netns', 'pids', namespace], { allowFailure: true });
  for (const pid of stdout.split('\n').filter(Boolean).map(Number)) {
    const process = identify(pid);
    if (process) kill(process);
  }
  await command('ip', ['netns', 'delete', namespace], { allowFailure: true });
  rmSync(etc(namespace), { recursive: true, force: true });
}

/** Lines for `/etc/hosts` of hosts and operator. */
export function hostsFile(entries: Iterable<readonly [name: string, address: string]>): string {
  const lines = [...entries].map(([name, address]) => `${address} ${name}`);
  return ['127.0.0.1 localhost', '::1 localhost', ...lines, ''].join('\n');
}

/** Whether the namespace exists on this machine since it was last started. */
export function networkExists(namespace: string): boolean {
  // A namespace is a mount; after a restart of the machine only an empty file may be left.
  return readFileSync('/proc/self/mounts', 'utf8').includes(`/run/netns/${namespace} `);
}

function etc(namespace: string): string {
  return `/etc/netns/${namespace}`;
}
