import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Databases } from './databases';
import type { TestCluster } from './test-cluster';

interface Acknowledged {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * A client that writes every 100 ms and remembers what was acknowledged: objects through the API where k3s is real, rows
 * by the datastore's endpoint otherwise, or where that is asked for.
 */
export class Writer {
  readonly acknowledged: Acknowledged[] = [];
  private child: ChildProcess | undefined;
  private next = 1;

  private constructor(
    private readonly cluster: TestCluster,
    /** What the client is run with at each start, in the lab's network or on a server that is on. */
    private readonly program: () => readonly string[],
    /** What is in Postgres, and what clients see. */
    private readonly written: () => Promise<Set<number>>,
    private readonly seen: () => Promise<Set<number>> = written,
  ) {}

  /** Objects through the API, where clients reach it. */
  static async ofObjects(cluster: TestCluster, databases: Databases): Promise<Writer> {
    const { project } = cluster;
    await project.k3sCdk('kubeconfig', '--output', 'kubeconfig.yaml');
    const { clusters, users } = parse(readFileSync(project.path('kubeconfig.yaml'), 'utf8'));
    const decoded = (text: string) => Buffer.from(text, 'base64').toString();
    const { hostname, port } = new URL(clusters[0].cluster.server);
    const access = {
      address: hostname,
      port: Number(port),
      ca: decoded(clusters[0].cluster['certificate-authority-data']),
      certificate: decoded(users[0].user['client-certificate-data']),
      key: decoded(users[0].user['client-key-data']),
    };
    writeFileSync(project.path('writer.json'), JSON.stringify(access), { mode: 0o600 });
    const program = [process.execPath, join(__dirname, 'write-objects.js'), project.path('writer.json')];
    const rows = async () => {
      const names = `SELECT name FROM kine WHERE name LIKE '/registry/configmaps/default/lab-%' AND deleted = 0`;
      return numbers(await cluster.sqlAt(await databases.primary(), names, 'k3s'), /\/lab-(\d+)$/);
    };
    const objects = async () => {
      const names = await cluster.kubectl(
        `get configmaps -o jsonpath='{range .items[*]}{.metadata.name}{"\\n"}{end}'`,
      );
      return numbers(names, /^lab-(\d+)$/);
    };
    return new Writer(cluster, () => program, rows, objects);
  }

  /** Rows by the endpoint that k3s has, from a server. */
  static async ofRows(cluster: TestCluster, databases: Databases): Promise<Writer> {
    const servers = () => cluster.members('server').map((name) => cluster.lab.host(name));
    const input = readFileSync(join(__dirname, 'write-rows.sh'), 'utf8');
    for (const host of servers()) {
      await host.exec('apt-get -qq update && apt-get -qq install -y postgresql-client-17 >/dev/null');
      await host.exec('cat >/root/write-rows.sh', { input });
    }
    const make = 'CREATE TABLE IF NOT EXISTS lab_rows (number bigint); ALTER TABLE lab_rows OWNER TO k3s';
    await cluster.sqlAt(await databases.primary(), make, 'k3s');
    const program = () => {
      const { name = '' } = servers().find((host) => host.isRunning()) ?? {};
      return ['ssh', '-F', cluster.lab.sshConfig, name, 'sudo', 'bash', '/root/write-rows.sh'];
    };
    return new Writer(cluster, program, async () =>
      numbers(
        await cluster.sqlAt(await databases.primary(), 'SELECT number FROM lab_rows', 'k3s'),
        /^(\d+)$/,
      ),
    );
  }

  start(): void {
    const [program = '', ...args] = this.program();
    this.child = spawn(
      'ip',
      ['netns', 'exec', this.cluster.lab.namespace, program, ...args, String(this.next)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') continue;
        const [number = 0, at = 0] = line.split(' ').map(Number);
        this.acknowledged.push({ number, at });
        this.next = Math.max(this.next, number + 1);
      }
    });
  }

  /** Ends the client. Numbers that it may have tried are not used again. */
  stop(): void {
    this.child?.kill();
    this.child = undefined;
    this.next += 1000;
  }

  /** When something was acknowledged last, in milliseconds since 1970. */
  get last(): number {
    return Math.max(0, ...this.acknowledged.map(({ at }) => at));
  }

  /** The longest time in milliseconds without an acknowledgement between two moments. */
  outage(since: number, until = Date.now()): number {
    const times = this.acknowledged.map(({ at }) => at).filter((at) => at >= since && at <= until);
    const points = [since, ...times.sort((a, b) => a - b), until];
    return Math.max(...points.slice(1).map((at, index) => at - (points[index] ?? at)));
  }

  /** What was acknowledged and is not there. */
  lost(): Promise<number[]> {
    return this.missing(this.written);
  }

  /** What was acknowledged and clients do not see: k3s may be behind the database for a while after an outage. */
  unseen(): Promise<number[]> {
    return this.missing(this.seen);
  }

  private async missing(list: () => Promise<Set<number>>): Promise<number[]> {
    // What is acknowledged while they are listed may not be in the list.
    const acknowledged = this.acknowledged.map(({ number }) => number);
    const there = await list();
    return acknowledged.filter((number) => !there.has(number));
  }
}

function numbers(text: string, pattern: RegExp): Set<number> {
  return new Set(
    text
      .split('\n')
      .map((line) => pattern.exec(line.trim())?.[1])
      .filter((found) => found !== undefined)
      .map(Number),
  );
}
