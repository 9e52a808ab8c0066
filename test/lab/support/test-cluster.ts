import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { etcdImageName } from '../images/etcd-image';
import { patroniImageName } from '../images/postgres-image';
import { type K3sBinary, k3sBinary } from '../k3s-binary';
import { Lab } from '../lab';
import type { HostOverrides } from '../lab-config';
import { leftovers } from '../leftovers';
import { waitFor } from '../wait';
import { arch, makeArtifacts, placeRelease } from './artifacts';
import { Project } from './project';
import { type Tools, usualTools } from './tools';
import { kernelHasNfs, withoutKubelet, withoutNfsClient, withoutNfsServer } from './what-containers-lack';

export interface TestHost extends HostOverrides {
  readonly name: string;
  /** Last byte of its address. */
  readonly number: number;
  readonly roles: readonly string[];
}

/** A lab of bare hosts, and beside it the project of a person who wants k3s on them. */
export class TestCluster {
  /** What cluster.yaml says, if `yaml` is not told otherwise. */
  vip: string;
  port = 6443;
  /** Hosts that cluster.yaml does not have yet. */
  readonly absent = new Set<string>();

  private constructor(
    readonly lab: Lab,
    readonly project: Project,
    private release: K3sBinary,
    private hosts: readonly TestHost[],
    private readonly network: string,
  ) {
    this.vip = `${network}.5`;
  }

  /**
   * @param network the first three bytes of the hosts' addresses
   * @param release of k3s @default - the one that this machine has
   */
  static async up(
    name: string,
    network: string,
    hosts: readonly TestHost[],
    tools: Tools = usualTools,
    release?: K3sBinary,
  ): Promise<TestCluster> {
    const binary = release ?? (await k3sBinary());
    const lab = await Lab.up({
      name,
      hosts: hosts.map(({ number, roles: _, ...host }) => ({
        ...host,
        addresses: [`${network}.${number}/24`],
      })),
      reserved: [`${network}.5`],
    });
    const cluster = new TestCluster(lab, new Project(lab, tools), binary, hosts, network);
    const databases = hosts.filter(({ roles }) => roles.includes('database'));
    await makeArtifacts(cluster.project.path('artifacts'), binary, {
      severalDatabases: databases.length > 1,
    });
    for (const { name } of hosts) await cluster.makeFit(name);
    return cluster;
  }

  /** Gives a bare host what containers lack. */
  async makeFit(name: string): Promise<void> {
    const host = this.lab.host(name);
    const roles = this.hosts.find((host) => host.name === name)?.roles ?? [];
    if (roles.includes('server')) await withoutKubelet(host);
    if (!roles.includes('nfs') && !kernelHasNfs) await withoutNfsClient(host);
    if (roles.includes('nfs') && !kernelHasNfs) await withoutNfsServer(host);
  }

  /** Puts a new machine in the place of a host, and forgets the key of the old one as its owner would. */
  async replace(name: string): Promise<void> {
    const { address } = this.lab.host(name);
    await this.lab.replace(name);
    await this.makeFit(name);
    const file = this.project.path('known_hosts');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.filter((line) => line.split(' ')[0] !== address).join('\n'));
  }

  /** Gives a host another address: the last byte of it. */
  async move(name: string, number: number): Promise<void> {
    await this.lab.move(name, [`${this.network}.${number}/24`]);
    this.hosts = this.hosts.map((host) => (host.name === name ? { ...host, number } : host));
  }

  /** From bare hosts to a cluster that answers at its virtual IP. */
  async begin(changes: object = {}, hosts: Readonly<Record<string, object>> = {}): Promise<void> {
    this.project.write(this.yaml(changes, hosts));
    await this.project.k3sCdk('init', '--yes');
    await this.project.k3sCdk('synth');
    await this.project.init();
    await this.project.apply();
    await this.fetchCa();
    await this.whole();
  }

  /** What cluster.yaml says; `changes` replace keys at the top, `hosts` keys of a host. */
  yaml(changes: object = {}, hosts: Readonly<Record<string, object>> = {}): object {
    return {
      ...this.project.usual,
      hosts: this.hosts
        .filter(({ name }) => !this.absent.has(name))
        .map(({ name, number, roles, disks }) => ({
          name,
          address: `${this.network}.${number}`,
          roles,
          arch,
          ...(disks && {
            disks: disks.map(({ device }, index) => ({
              device,
              mount: ['/srv/postgres', '/srv/nfs'][index],
              format: 'if-blank',
            })),
          }),
          ...hosts[name],
        })),
      api: { address: this.vip, port: this.port },
      k3s: { version: this.binary.version, artifacts: './artifacts' },
      database: { patroni: { image: patroniImageName }, etcd: { image: etcdImageName } },
      ...changes,
    };
  }

  /** What cluster.yaml says runs on the nodes. */
  get binary(): K3sBinary {
    return this.release;
  }

  /** Puts another release of k3s into the artifacts and cluster.yaml. */
  async take(release: K3sBinary): Promise<void> {
    await placeRelease(this.project.path('artifacts'), release);
    this.release = release;
  }

  /** Folder with the administrator's certificate as client.crt and client.key; undefined with the stand-in. */
  get clientFolder(): string | undefined {
    const folder = this.project.path('client');
    return existsSync(folder) ? folder : undefined;
  }

  names(role: string): string[] {
    return this.hosts.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
  }

  /** Those of them that are in cluster.yaml. */
  members(role: string): string[] {
    return this.names(role).filter((name) => !this.absent.has(name));
  }

  /** Status that somebody without a credential gets for a path of the API, verified against the cluster's own CA. */
  async status(path = '/readyz', address = this.vip): Promise<string> {
    const options = [
      '-s',
      '--cacert',
      this.caFile,
      '--max-time',
      '1',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
    ];
    const { stdout } = await this.lab.run('curl', [...options, `https://${address}:${this.port}${path}`], {
      allowFailure: true,
    });
    return stdout;
  }

  /** Waits until every server serves the API through its own load balancer. */
  async whole(): Promise<void> {
    for (const name of this.members('server')) {
      const { address } = this.lab.host(name);
      await waitFor(
        `the API answers at ${name}`,
        async () => (await this.status('/readyz', address)) === '200',
        { timeout: 240_000, interval: 250 },
      );
    }
  }

  /** Trusts the certificate authority that the first server has made. */
  async fetchCa(): Promise<void> {
    const [server = ''] = this.members('server');
    const fetch = 'ssh -F "$1" "$2" sudo cat /var/lib/rancher/k3s/server/tls/server-ca.crt >"$3"';
    await this.lab.run('sh', ['-c', fetch, 'sh', this.lab.sshConfig, server, this.caFile]);
    if (!readFileSync(this.caFile, 'utf8').startsWith('-----BEGIN')) throw new Error('no certificate came');
    if (!this.binary.standIn) await this.fetchClient(server);
  }

  private async fetchClient(server: string): Promise<void> {
    const { stdout } = await this.lab.host(server).exec('cat /etc/rancher/k3s/k3s.yaml');
    mkdirSync(this.project.path('client'), { recursive: true });
    for (const [name, key] of [
      ['client.crt', 'client-certificate-data'],
      ['client.key', 'client-key-data'],
    ] as const) {
      const data = new RegExp(`${key}: (\\S+)`).exec(stdout)?.[1] ?? '';
      writeFileSync(this.project.path('client', name), Buffer.from(data, 'base64'));
    }
  }

  /** Takes everything down; returns what is left nevertheless. */
  async down(): Promise<string[]> {
    await this.lab.down();
    return leftovers(this.lab.name);
  }

  /** SSH connections that all hosts have accepted so far. */
  async sshConnections(): Promise<number> {
    const counts = await Promise.all(this.lab.hosts.map((host) => host.sshConnections()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** What a query of Postgres says, run as its superuser inside the container. */
  async sql(statement: string, database = 'postgres'): Promise<string> {
    const [host = ''] = this.members('database');
    return this.sqlAt(host, statement, database);
  }

  /** The same on one of several database hosts, in the database of k3s if that is asked for. */
  async sqlAt(host: string, statement: string, database = 'postgres'): Promise<string> {
    const podman = `cd / && exec runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres) \
podman exec k3s-postgres psql -XAtq -h /tmp -U postgres -d "$2" -c "$1"`;
    const { stdout } = await this.lab.host(host).exec(podman, { args: [statement, database] });
    return stdout.trim();
  }

  /** `kubectl` on the first server that is on. */
  async kubectl(args: string): Promise<string> {
    const server = this.members('server').find((name) => this.lab.host(name).isRunning()) ?? '';
    const { stdout } = await this.lab
      .host(server)
      .exec(
        `KUBECACHEDIR=/run/lab-kubectl /usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml ${args}`,
      );
    return stdout.trim();
  }

  /** Stops, starts or restarts Postgres on the database host. */
  async postgres(action: 'stop' | 'start' | 'restart'): Promise<void> {
    const [database = ''] = this.members('database');
    const user =
      'cd / && exec runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres)';
    await this.lab.host(database).exec(`${user} systemctl --user ${action} k3s-postgres`);
  }

  private get caFile(): string {
    return this.project.path('server-ca.crt');
  }
}
