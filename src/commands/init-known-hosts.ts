import { fingerprint, KnownHosts, knownHostsName } from '../model/known-hosts';
import type { Topology } from '../model/topology';
import { compareKeys, type KeyComparison } from '../ssh/compare';
import { keyKind } from '../ssh/key-kind';
import { KnownHostsFile } from '../ssh/known-hosts-file';
import { scanServers } from '../ssh/scan-servers';
import { place, type SshServer, sshServers } from '../ssh/servers';
import { count } from '../status/figures';
import type { Confirm } from './confirm';
import { table } from './table';
import type { Terminal } from './terminal';

export interface InitKnownHostsOptions {
  /** Folder of cluster.yaml. */
  readonly folder: string;
  /** Trust new keys without asking. */
  readonly yes: boolean;
  /** Undefined without a terminal. */
  readonly confirm: Confirm | undefined;
  /** What to run to trust the keys that are shown. */
  readonly acceptCommand: string;
  /** Ends it early. @default none */
  readonly signal?: AbortSignal | undefined;
}

export interface InitKnownHostsResult {
  /** Every server has a known key, and none has presented a different one. */
  readonly complete: boolean;
  /** Servers whose keys were written. */
  readonly added: number;
  readonly known: number;
}

interface Compared extends KeyComparison {
  readonly server: SshServer;
}

/** Fills known_hosts with the keys of hosts and bastions, after a person has seen the fingerprints. */
export async function initKnownHosts(
  topology: Topology,
  options: InitKnownHostsOptions,
  terminal: Terminal,
): Promise<InitKnownHostsResult> {
  const run = new KnownHostsRun(options, terminal);
  const servers = sshServers(topology);
  await run.add(servers.filter(({ bastion }) => !bastion));
  // Logging in to a bastion requires its key, so the hosts behind it come second.
  await run.add(servers.filter(({ bastion }) => bastion));
  return run.result();
}

class KnownHostsRun {
  private readonly file: KnownHostsFile;
  private complete = true;
  private added = 0;
  private known = 0;

  constructor(
    private readonly options: InitKnownHostsOptions,
    private readonly terminal: Terminal,
  ) {
    this.file = new KnownHostsFile(options.folder);
  }

  result(): InitKnownHostsResult {
    const { complete, added, known } = this;
    return { complete, added, known };
  }

  async add(servers: readonly SshServer[]): Promise<void> {
    const knownHosts = new KnownHosts(this.file.read());
    const unconfirmed: Compared[] = [];
    if (servers.length === 0) return;
    const { folder, signal } = this.options;
    const scanned = await this.terminal.during('asking for host keys', () =>
      scanServers(servers, folder, signal),
    );
    for (const { server, scan } of scanned) {
      const known = knownHosts.keys(server.address, server.port);
      if ('failure' in scan) this.reportFailure(server, scan.failure, known.length > 0);
      else {
        const compared = { server, ...compareKeys(known, scan.keys) };
        if (compared.changed.length > 0) this.reportChange(compared);
        else if (compared.unknown.length > 0) unconfirmed.push(compared);
        else this.known += 1;
      }
    }
    if (unconfirmed.length > 0) await this.confirm(unconfirmed);
  }

  private reportFailure(server: SshServer, reason: string, known: boolean): void {
    if (known) {
      this.known += 1;
      this.terminal.error(`warning: ${describe(server)} ${reason} (its key is known, so this can wait)`);
    } else {
      this.complete = false;
      this.terminal.error(`error: ${describe(server)} ${reason}`);
    }
  }

  private reportChange({ server, changed }: Compared): void {
    this.complete = false;
    const path = this.terminal.display(`${this.options.folder}/known_hosts`);
    this.terminal.error(
      [
        `error: the host key of ${describe(server)} is not the one in ${path}:`,
        ...table(
          changed.flatMap(({ known, found }) => [
            [keyKind(known), 'known', fingerprint(known)],
            [keyKind(found), 'shown', fingerprint(found)],
          ]),
        ).map((line) => `    ${line}`),
        '  if the machine was reinstalled or replaced, take the old key out and run init again:',
        `    ssh-keygen -R '${knownHostsName(server.address, server.port)}' -f ${path}`,
        '  if not, somebody may be intercepting the connection: do not deploy',
      ].join('\n'),
    );
  }

  private async confirm(unconfirmed: readonly Compared[]): Promise<void> {
    const { yes, confirm, acceptCommand } = this.options;
    const { terminal } = this;
    terminal.print('new host keys:');
    for (const { server, unknown } of unconfirmed) {
      terminal.print(`  ${describe(server)}`);
      for (const line of table(unknown.map((key) => [keyKind(key), fingerprint(key)])))
        terminal.print(`    ${line}`);
    }
    for (const names of serversWithOneKey(unconfirmed))
      terminal.error(
        `warning: ${names.join(', ')} show the same key, as copies of one disk image do: on all but one, run 'rm /etc/ssh/ssh_host_* && ssh-keygen -A' and restart sshd`,
      );
    if (!yes) {
      const [key] = unconfirmed.flatMap(({ unknown }) => unknown);
      const kind = key && keyKind(key).toLowerCase();
      terminal.print(
        `compare: on the hosts themselves, run 'ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub'`,
      );
      if (!confirm || !(await confirm(`trust ${count(unconfirmed.length, 'host')}?`))) {
        this.complete = false;
        terminal.error(
          confirm
            ? 'error: no key was added to known_hosts, since you did not accept those above: if a host has another key than is shown, somebody may be intercepting the connection'
            : `error: no key was added to known_hosts: to trust the keys above, run '${acceptCommand}'`,
        );
        return;
      }
    }
    this.file.append(unconfirmed.map(({ server, unknown }) => ({ ...server, keys: unknown })));
    this.added += unconfirmed.length;
  }
}

function describe(server: SshServer): string {
  return `${server.names.join(', ')} (${place(server)})`;
}

/** Names of servers that share a private key: whoever takes over one of them can pose as the others. */
function serversWithOneKey(servers: readonly Compared[]): string[][] {
  const byKey = new Map<string, string[]>();
  for (const { server, unknown } of servers) {
    const key = unknown[0]?.key ?? '';
    byKey.set(key, [...(byKey.get(key) ?? []), ...server.names]);
  }
  return [...byKey.values()].filter((names) => names.length > 1);
}
