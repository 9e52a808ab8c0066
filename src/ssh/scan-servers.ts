import type { Bastion } from '../model/topology';
import { UserError } from '../user-error';
import { concurrently } from './concurrently';
import { noAnswerThrough } from './reach';
import { type Scan, scanHostKeys } from './scan';
import type { SshServer } from './servers';
import { openTunnel } from './tunnel';

export interface ScannedServer {
  readonly server: SshServer;
  readonly scan: Scan;
}

/** Enough to scan a rack within one timeout, few enough for a small machine. */
const concurrency = 32;

/** Scans servers in parallel, those behind a bastion through it. `folder` is the one of known_hosts. */
export async function scanServers(
  servers: readonly SshServer[],
  folder: string,
  signal?: AbortSignal,
): Promise<ScannedServer[]> {
  const direct = servers.filter(({ bastion }) => !bastion);
  const groups = new Map<string, { bastion: Bastion; servers: SshServer[] }>();
  for (const server of servers) {
    if (!server.bastion) continue;
    const key = JSON.stringify(server.bastion);
    const group = groups.get(key) ?? { bastion: server.bastion, servers: [] };
    group.servers.push(server);
    groups.set(key, group);
  }
  const scanned = await Promise.all([
    concurrently(direct, concurrency, async (server) => ({
      server,
      scan: await scanHostKeys(server.address, server.port, signal),
    })),
    ...[...groups.values()].map((group) => scanBehind(group.bastion, group.servers, folder, signal)),
  ]);
  return scanned.flat();
}

async function scanBehind(
  bastion: Bastion,
  servers: readonly SshServer[],
  folder: string,
  signal: AbortSignal | undefined,
): Promise<ScannedServer[]> {
  const tunnel = await openTunnel({ bastion, folder, signal }).catch((error) => {
    if (!(error instanceof UserError)) throw error;
    return error;
  });
  if (tunnel instanceof UserError) {
    const failure = `is behind bastion ${bastion.address}, where the login fails: ${tunnel.message}`;
    return servers.map((server) => ({ server, scan: { failure } }));
  }
  try {
    return await concurrently(servers, concurrency, async (server) => {
      const { port, close } = await tunnel.open(server);
      const scan = await scanHostKeys('127.0.0.1', port, signal);
      await close();
      return { server, scan: 'keys' in scan ? scan : { failure: noAnswerThrough(bastion.address) } };
    });
  } finally {
    tunnel.close();
  }
}
