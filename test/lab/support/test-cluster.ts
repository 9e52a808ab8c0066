import { readFileSync } from 'node:fs';
import { type K3sBinary, k3sBinary } from '../k3s-binary';
import { Lab } from '../lab';
import type { HostOverrides } from '../lab-config';
import { leftovers } from '../leftovers';
import { waitFor } from '../wait';
import { arch, makeArtifacts } from './artifacts';
import { Project, provisioner } from './project';
import { kernelHasNfs, withoutKubelet, withoutNfsClient, withoutNfsServer } from './what-containers-lack';

export interface TestHost extends HostOverrides {
  readonly name: string;
  /** Last byte of its address. */
  readonly number: number;
  readonly roles: readonly string[];
}

/** A lab of bare hosts, and beside it the project of a person who wants k3s on them. */
export class TestCluster {
  readonly vip: string;
  /** Hosts that cluster.yaml does not have yet. */
  readonly absent = new Set<string>();

  private constructor(
    readonly lab: Lab,
    readonly project: Project,
    readonly binary: K3sBinary,
    private readonly hosts: readonly TestHost[],
    private readonly network: string,
  ) {
    this.vip = `${network}.5`;
  }

  /** @param network the first three bytes of the hosts' addresses */
  static async up(name: string, network: string, hosts: readonly TestHost[]): Promise<TestCluster> {
    const binary = await k3sBinary();
    const lab = await Lab.up({
      name,
      hosts: hosts.map(({ number, roles: _, ...host }) => ({
        ...host,
        addresses: [`${network}.${number}/24`],
      })),
      reserved: [`${network}.5`],
    });
    const cluster = new TestCluster(lab, new Project(lab), binary, hosts, network);
    await makeArtifacts(cluster.project.path('artifacts'), binary);
    for (const { name, roles } of hosts) {
      const host = lab.host(name);
      if (roles.includes('server')) await withoutKubelet(host);
      if (!roles.includes('nfs') && !kernelHasNfs) await withoutNfsClient(host);
      if (roles.includes('nfs') && !kernelHasNfs) await withoutNfsServer(host);
    }
    return cluster;
  }

  /** What cluster.yaml says; `changes` replace keys at the top, `hosts` keys of a host. */
  yaml(changes: object = {}, hosts: Readonly<Record<string, object>> = {}): object {
    return {
      name: 'lab',
      ssh: { user: 'pi', privateKey: this.lab.privateKey },
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
      api: { address: this.vip },
      k3s: { version: this.binary.version, artifacts: './artifacts' },
      addons: { ingress: 'none', metricsServer: false },
      provisioner,
      ...changes,
    };
  }

  names(role: string): string[] {
    return this.hosts.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
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
    const { stdout } = await this.lab.run('curl', [...options, `https://${address}:6443${path}`], {
      allowFailure: true,
    });
    return stdout;
  }

  /** Waits until every server serves the API through its own load balancer. */
  async whole(): Promise<void> {
    for (const name of this.names('server')) {
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
    const [server = ''] = this.names('server');
    const fetch = 'ssh -F "$1" "$2" sudo cat /var/lib/rancher/k3s/server/tls/server-ca.crt >"$3"';
    await this.lab.run('sh', ['-c', fetch, 'sh', this.lab.sshConfig, server, this.caFile]);
    if (!readFileSync(this.caFile, 'utf8').startsWith('-----BEGIN')) throw new Error('no certificate came');
  }

  /** Takes everything down; returns what is left nevertheless. */
  async down(): Promise<string[]> {
    await this.lab.down();
    this.project.remove();
    return leftovers(this.lab.name);
  }

  /** SSH connections that all hosts have accepted so far. */
  async sshConnections(): Promise<number> {
    const counts = await Promise.all(this.lab.hosts.map((host) => host.sshConnections()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** What a query of Postgres says, run as its superuser inside the container. */
  async sql(statement: string): Promise<string> {
    const podman = `cd / && exec runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres) \
podman exec k3s-postgres psql -XAtq -h /tmp -U postgres -c "$1"`;
    const [database = ''] = this.names('database');
    const { stdout } = await this.lab.host(database).exec(podman, { args: [statement] });
    return stdout.trim();
  }

  private get caFile(): string {
    return this.project.path('server-ca.crt');
  }
}
