import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command';
import { identify } from './process-identity';
import { machinePackages } from './vm/machine-packages';
import { waitFor } from './wait';

/** Link-local: the machine's own network may well have the lab's addresses. */
const [own, gateway, nameServer] = ['169.254.99.2', '169.254.99.1', '169.254.99.53'];
const interfaceName = 'online';

/** `/etc/resolv.conf` of hosts and operator. */
export function resolvConf(online = false): string {
  return online ? `nameserver ${nameServer}\n` : '';
}

/**
 * Connects a lab's namespace with wherever this machine gets to: IPv4 in user mode, as any program here would. Nothing
 * from outside gets in. pasta ends when the namespace does.
 */
export async function openWayOut(namespace: string, directory: string): Promise<void> {
  const packages = await machinePackages();
  const log = openSync(join(directory, 'pasta.log'), 'a');
  const pasta = packages.program('usr/bin/pasta');
  const options = [
    ...['--foreground', '--quiet', '--runas', '0:0', '--pid', join(directory, 'pasta.pid')],
    ...['--netns-only', '--netns', `/run/netns/${namespace}`, '--config-net', '--ns-ifname', interfaceName],
    ...['--ipv4-only', '--address', own, '--netmask', '24', '--gateway', gateway],
    ...['--no-map-gw', '--dns-forward', nameServer],
    // Forwards no port, in neither direction.
    ...['--tcp-ports', 'none', '--udp-ports', 'none', '--tcp-ns', 'none', '--udp-ns', 'none'],
  ];
  const child = spawn(pasta.program, [...pasta.args, ...options], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  closeSync(log);
  await waitFor(
    'the lab is online',
    async () => {
      if (!identify(child.pid ?? -1))
        throw new Error(`pasta ends: ${readFileSync(join(directory, 'pasta.log'), 'utf8')}`);
      const look = ['-n', namespace, 'address', 'show', interfaceName];
      return (await command('ip', look, { allowFailure: true })).stdout.includes(own);
    },
    { timeout: 20_000 },
  );
  const nft = packages.program('usr/sbin/nft');
  const rules = `table ip lab { chain out { type nat hook postrouting priority srcnat; oifname "${interfaceName}" masquerade; }; }\n`;
  await command('ip', ['netns', 'exec', namespace, nft.program, ...nft.args, '-f', '-'], { input: rules });
}
