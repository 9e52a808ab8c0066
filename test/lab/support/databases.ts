import type { LabHost } from '../lab-host';
import { waitFor } from '../wait';
import type { TestCluster } from './test-cluster';

export interface DatabaseRole {
  readonly name: string;
  /** As Patroni calls it: `Leader`, `Sync Standby`, `Replica`. */
  readonly role: string;
  /** `running`, `streaming`, … */
  readonly state: string;
}

/** Several database hosts of a lab, and what Patroni says of them. */
export class Databases {
  /** Hosts that have lost the role and are still in cluster.yaml. */
  readonly without = new Set<string>();

  constructor(private readonly cluster: TestCluster) {}

  get names(): string[] {
    return this.cluster.members('database').filter((name) => !this.without.has(name));
  }

  /** What the first one that is on and answers says; empty when none does. */
  async roles(): Promise<DatabaseRole[]> {
    for (const name of this.names) {
      const host = this.cluster.lab.host(name);
      if (!host.isRunning()) continue;
      const { status, stdout } = await inContainer(
        host,
        'patronictl -c /etc/patroni/patroni.yml list --format json',
      );
      if (status !== 0) continue;
      const found: { Member: string; Role: string; State: string }[] = JSON.parse(stdout);
      return found.map(({ Member, Role, State }) => ({ name: Member, role: Role, state: State }));
    }
    return [];
  }

  /** The primary, or the only one. Throws when there is none. */
  async primary(): Promise<string> {
    const [only, ...others] = this.names;
    if (only !== undefined && others.length === 0) return only;
    const roles = await this.roles();
    const primary = roles.find(({ role, state }) => role === 'Leader' && state === 'running');
    if (!primary) throw new Error(`no database host is the primary: ${JSON.stringify(roles)}`);
    return primary.name;
  }

  /** One that is not the primary. */
  async standby(): Promise<string> {
    const primary = await this.primary();
    return this.names.find((name) => name !== primary) ?? '';
  }

  /** Waits until there is a primary, and all others have everything that it has. */
  async whole(timeout = 120_000): Promise<void> {
    let seen: DatabaseRole[] = [];
    await waitFor(
      'a primary and a synchronous standby',
      async () => {
        seen = await this.roles();
        return (
          seen.some(({ role, state }) => role === 'Leader' && state === 'running') &&
          this.names.every((name) =>
            seen.some((other) => other.name === name && /^(running|streaming)$/.test(other.state)),
          ) &&
          seen.some(({ role }) => role === 'Sync Standby')
        );
      },
      { timeout, interval: 500, explain: () => JSON.stringify(seen) },
    );
  }

  /** Whether Postgres on a host takes writes, found out by writing. */
  async takesWrites(name: string): Promise<boolean> {
    const host = this.cluster.lab.host(name);
    if (!host.isRunning()) return false;
    // Not a commit that waits for a standby, which nobody would be told of.
    const write =
      "psql -XAtq -h /tmp -U postgres -c 'SET synchronous_commit = local' -c 'CREATE TABLE IF NOT EXISTS lab_probe (at timestamptz)' -c 'INSERT INTO lab_probe VALUES (now())'";
    const { status } = await inContainer(host, `timeout 5 ${write}`);
    return status === 0;
  }
}

/** Runs a command in the container of Postgres. */
export function inContainer(host: LabHost, command: string) {
  return host.exec(
    `cd / && exec runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres) podman exec k3s-postgres ${command}`,
    { allowFailure: true },
  );
}
