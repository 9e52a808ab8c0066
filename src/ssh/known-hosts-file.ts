import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostKey, knownHostsName } from '../model/known-hosts';

/** known_hosts beside cluster.yaml. It is only ever appended to: only people remove keys. */
export class KnownHostsFile {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, 'known_hosts');
  }

  /** Empty when there is none. */
  read(): string {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8') : '';
  }

  /** Adds the keys of servers; others see the file before or after, never in between. */
  append(servers: readonly { address: string; port: number; keys: readonly HostKey[] }[]): void {
    const before = this.read();
    const lines = servers.flatMap(({ address, port, keys }) =>
      keys.map(({ type, key }) => `${knownHostsName(address, port)} ${type} ${key}\n`),
    );
    if (lines.length === 0) return;
    const separator = before === '' || before.endsWith('\n') ? '' : '\n';
    const next = `${this.path}.next-${process.pid}`;
    try {
      writeFileSync(next, before + separator + lines.join(''));
      chmodSync(next, 0o644);
      renameSync(next, this.path);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    }
  }
}
