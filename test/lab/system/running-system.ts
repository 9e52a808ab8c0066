import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { CommandOptions } from '../command';
import { type K3sBinary, k3sBinary } from '../k3s-binary';
import { Lab } from '../lab';
import { leftovers } from '../leftovers';
import { arch, makeArtifacts } from '../support/artifacts';
import { Project } from '../support/project';
import { usualTools } from '../support/tools';
import { waitFor } from '../wait';
import { packImages } from './image-archives';

const network = '10.80.0';
export const server = 'server1';
export const agent = 'agent1';

/** Two virtual machines, bare at first, and the folder of a person who wants a cluster on them. */
export class RunningSystem {
  private constructor(
    readonly lab: Lab,
    readonly project: Project,
    readonly binary: K3sBinary,
    private readonly isOnline: boolean,
  ) {}

  static async up(isOnline: boolean): Promise<RunningSystem> {
    const binary = await k3sBinary();
    const lab = await Lab.up({
      name: `test-system-${process.pid}`,
      kind: 'vm',
      online: isOnline,
      hosts: [
        { name: server, addresses: [`${network}.11/24`], memory: 4096 },
        { name: agent, addresses: [`${network}.21/24`], memory: 2048 },
      ],
      reserved: [`${network}.200-${network}.215`],
    });
    const system = new RunningSystem(lab, new Project(lab, usualTools), binary, isOnline);
    if (!isOnline)
      await makeArtifacts(system.project.path('artifacts'), binary, { packImages, compressed: true });
    return system;
  }

  /** Writes cluster.yaml, as somebody would for these two hosts. */
  describe(hosts: readonly string[] = [server, agent], nfs?: { readonly provisioner: string }): void {
    const all = [
      { name: server, address: `${network}.11`, roles: ['database', 'nfs', 'server'], arch },
      { name: agent, address: `${network}.21`, roles: ['agent'], arch },
    ];
    this.project.writeCluster({
      hosts: all.filter(({ name }) => hosts.includes(name)),
      k3s: { version: this.binary.version, ...(!this.isOnline && { artifacts: './artifacts' }) },
      ...(nfs && { nfs }),
      metallb: { pools: [{ name: 'lan', addresses: [`${ledBy(agent)}-${network}.215`] }] },
    });
  }

  /** `k3s-cdk …` in that folder; returns what it says. */
  async k3sCdk(...args: string[]): Promise<string> {
    const { stdout } = await this.project.k3sCdkLong(args, this.environment);
    return stdout;
  }

  /** The log that a command of k3s-cdk has named at its end. */
  logOf(said: string): string {
    const [, file] = /^log: (\S+)$/m.exec(said) ?? [];
    if (file === undefined) throw new Error(`no log is named in:\n${said}`);
    return readFileSync(this.project.path(file), 'utf8');
  }

  /** `kubectl …` as the person at the keyboard; returns what it says. */
  async kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const run = { ...options, env: this.environment, cwd: this.project.folder };
    return (await this.lab.run('kubectl', args, run)).stdout;
  }

  /** A line that somebody copies into a shell at the keyboard; returns what it says. */
  async shell(line: string): Promise<string> {
    const run = { env: this.environment, cwd: this.project.folder };
    return (await this.lab.run('bash', ['-c', line], run)).stdout;
  }

  /** Applies a manifest from text. */
  apply(manifest: string): Promise<string> {
    return this.kubectl(['apply', '-f', '-'], { input: manifest });
  }

  /** Body of what answers at the port 80 of an address; undefined when nothing does within a second. */
  async get(address: string): Promise<string | undefined> {
    const curl = ['-sf', '--max-time', '1', `http://${address}/`];
    const { status, stdout } = await this.lab.run('curl', curl, { allowFailure: true });
    return status === 0 ? stdout : undefined;
  }

  /** The host that answers to an address in the network: its ARP entry, asked for anew. */
  async holder(address: string): Promise<string | undefined> {
    // A connection makes the kernel ask, for three seconds; an emulated speaker takes its time to answer.
    const { stdout } = await this.lab.run('sh', ['-c', askWhoHas, 'sh', address]);
    const mac = /lladdr (\S+)/.exec(stdout)?.[1];
    if (mac === undefined) return undefined;
    for (const host of this.lab.hosts) {
      const { stdout } = host.isRunning()
        ? await host.exec('cat /sys/class/net/en*/address')
        : { stdout: '' };
      if (stdout.split('\n').includes(mac)) return host.name;
    }
    return undefined;
  }

  /** Waits until every pod is running and ready, or has done its work. */
  async podsReady(timeout: number): Promise<void> {
    let last = '';
    await waitFor(
      'every pod is ready',
      async () => {
        last = await this.kubectl(['get', 'pods', '-A', '--no-headers'], { allowFailure: true });
        const lines = last.split('\n').filter(Boolean);
        return lines.length > 0 && lines.every((line) => /\s(\d+)\/\1\s+Running\s|\sCompleted\s/.test(line));
      },
      { timeout, interval: 2000, explain: () => last },
    );
  }

  /** What k3s on the hosts says before somebody looks for a fault: its restarts, and why it ended. */
  async lastLines(): Promise<string> {
    const reported = this.lab.hosts.map(async (host) => {
      if (!host.isRunning()) return `${host.name} is off`;
      const { stdout } = await host.exec(
        `uptime; systemctl show -p NRestarts --value k3s k3s-agent
         journalctl -u k3s -u k3s-agent --no-pager -o short-iso | grep -E 'level=fatal|Main process exited|leaderelection lost|panic' | tail -n 12
         journalctl -u k3s -u k3s-agent --no-pager -o short-iso -n 15`,
        { allowFailure: true },
      );
      return `${host.name}: ${stdout}`;
    });
    return (await Promise.all(reported)).join('\n');
  }

  /** Takes everything down; returns what is left nevertheless. */
  async down(): Promise<string[]> {
    await this.lab.down();
    return leftovers(this.lab.name);
  }

  /** Keeps a text that the docs show, where `SYSTEM_PICTURES` names a folder. */
  async pictureOf(name: string, taken: () => Promise<string>): Promise<void> {
    const folder = process.env.SYSTEM_PICTURES;
    if (folder) writeFileSync(`${folder}/${name}.txt`, await taken());
  }

  private get environment(): Record<string, string> {
    return { KUBECONFIG: this.project.path('kubeconfig'), HOME: this.project.folder };
  }
}

const askWhoHas = `
ip neigh flush to "$1"
curl -s -o /dev/null --max-time 1 "http://$1/"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
  ip neigh show to "$1" | grep lladdr && exit
  sleep 0.2
done`;

/**
 * First address that a node announces while both are up. MetalLB sorts the nodes by a hash of their name and the address
 * (`speaker/layer2_controller.go`), so that addresses are spread.
 */
function ledBy(node: string): string {
  const rank = (name: string, address: string) =>
    createHash('sha256').update(`${name}#${address}`).digest('hex');
  const other = node === agent ? server : agent;
  const addresses = Array.from({ length: 15 }, (_, index) => `${network}.${200 + index}`);
  const found = addresses.find((address) => rank(node, address) < rank(other, address));
  if (found === undefined) throw new Error(`${node} leads none of ${addresses.join(', ')}`);
  return found;
}
