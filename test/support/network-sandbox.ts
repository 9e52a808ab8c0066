import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { testWhen } from './needs';

/** What a sandbox needs of the machine: namespaces that its user owns, and the programs that make packets' way. */
const needs = `ip link add br0 type bridge && ip link add one type veth peer name two && nft add table inet t &&
  iptables-nft -t nat -L && ip6tables-nft -t nat -L && mount -t tmpfs tmpfs /run`;

const unshare = ['--user', '--map-root-user', '--net', '--mount'];

/** `test`, where there can be a sandbox. */
export const testPackets = testWhen(
  spawnSync('unshare', [...unshare, 'sh', '-ec', needs], { stdio: 'ignore' }).status === 0,
  'no packet is sent through the rules for firewalls: nft or iptables is missing (apt-get install nftables iptables), or this machine allows no network namespaces',
);

export interface Running {
  readonly child: ChildProcess;
  /** What it says, line by line. */
  readonly lines: Interface;
}

/**
 * Machines as network namespaces in one of their own: real packets, addresses, rules and tunnels, of which the machine
 * that runs the tests sees nothing, and which are gone with the process. `/etc` and `/run` are the sandbox's own.
 */
export class NetworkSandbox {
  private readonly started: ChildProcess[] = [];

  private constructor(private readonly holder: Running) {}

  static async up(): Promise<NetworkSandbox> {
    const own = `mount -t tmpfs tmpfs /run; mkdir -p /run/netns /run/etc
      cp -a /etc/alternatives /run/etc; mount --bind /run/etc /etc
      echo ready; exec sleep infinity`;
    const holder = running(spawn('unshare', [...unshare, 'sh', '-ec', own]));
    await once(holder.lines, 'line');
    return new NetworkSandbox(holder);
  }

  /** Runs bash as root of a machine, or between the machines. @returns what it says; @throws when it fails */
  async run(machine: string | undefined, script: string, ...args: readonly string[]): Promise<string> {
    const { child, lines } = this.spawn(machine, script, args);
    const said: string[] = [];
    lines.on('line', (line) => said.push(line));
    const [status] = (await once(child, 'close')) as [number | null];
    if (status === 0) return said.join('\n');
    throw new Error(`a script on '${machine ?? 'the sandbox'}' ends with ${status}: ${script}`);
  }

  /** Leaves bash running on a machine. */
  start(machine: string, script: string, ...args: readonly string[]): Running {
    const running = this.spawn(machine, script, args);
    this.started.push(running.child);
    return running;
  }

  down(): void {
    for (const child of [...this.started, this.holder.child]) child.kill('SIGKILL');
  }

  private spawn(machine: string | undefined, script: string, args: readonly string[]): Running {
    const inside = [
      '-t',
      String(this.holder.child.pid),
      '--user',
      '--preserve-credentials',
      '--mount',
      '--net',
    ];
    const net = machine === undefined ? [] : ['nsenter', `--net=/run/netns/${machine}`];
    const bash = ['bash', '-ec', script, 'bash', ...args];
    // What the variables of this machine name is not there.
    return running(
      spawn('nsenter', [...inside, ...net, ...bash], {
        env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      }),
    );
  }
}

function running(child: ReturnType<typeof spawn>): Running {
  if (!child.stdout) throw new Error('a process without output');
  child.stderr?.pipe(process.stderr);
  return { child, lines: createInterface({ input: child.stdout }) };
}
