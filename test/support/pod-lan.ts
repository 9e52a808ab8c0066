import { once } from 'node:events';
import { join } from 'node:path';
import { firewallFiles } from '../../src/roles/firewall/firewall.step';
import { NetworkSandbox, type Running } from './network-sandbox';
import { Project } from './project';

const files = new Project(`
name: lab
ssh: { user: pi }
hosts:
  - { name: server1, address: 10.0.0.11, nodeIps: [10.0.0.11, "fd00::11"], roles: [server] }
  - { name: storage1, address: 10.0.0.10, nodeIps: [10.0.0.10, "fd00::10"], roles: [database, nfs, agent] }
  - { name: storage2, address: 10.0.0.20, nodeIps: [10.0.0.20, "fd00::20"], roles: [database] }
  - { name: agent1, address: 10.0.0.21, nodeIps: [10.0.0.21, "fd00::21"], roles: [agent] }
network: { pods: [10.42.0.0/16, "fd42::/56"], services: [10.43.0.0/16, "fd43::/112"] }
k3s: { version: v1.36.2+k3s1 }
`);

/** What the firewall's step brings to a host of this LAN. */
export function firewallFilesOf(name: string): Readonly<Record<string, string>> {
  const topology = files.topology();
  const host = topology.hosts.find((each) => each.name === name);
  if (!host) throw new Error(`there is no host '${name}'`);
  return firewallFiles(topology)(host);
}

/** Ports that every machine and pod listens on: storage and database, what decides about it, and one of no meaning. */
const listened = [2049, 5432, 8008, 2379, 2380, 9999];

/** What kube-proxy and flannel lead where. */
interface Led {
  readonly pods: string;
  /** A Service that leads to the NFS server, which port 30049 of every node does too. */
  readonly service: string;
  readonly nfs: string;
  /** The pod that port 30080 of every node leads to. */
  readonly pod: string;
}

/** Rules of kube-proxy and flannel, as far as packets of these tests meet them. */
const rules = ({ pods, service, nfs, pod }: Led) => `
*nat
-A PREROUTING -d ${service} -p tcp --dport 80 -j DNAT --to-destination ${nfs}
-A OUTPUT -d ${service} -p tcp --dport 80 -j DNAT --to-destination ${nfs}
-A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 30049 -j DNAT --to-destination ${nfs}
-A PREROUTING -m addrtype --dst-type LOCAL -p tcp --dport 30080 -j DNAT --to-destination ${pod}
-A POSTROUTING -m conntrack --ctstate DNAT -j MASQUERADE
-A POSTROUTING -s ${pods} -d ${pods} -j RETURN
-A POSTROUTING -s ${pods} -j MASQUERADE
COMMIT
*filter
-A FORWARD -s ${pods} -j ACCEPT
-A FORWARD -d ${pods} -j ACCEPT
COMMIT
`;
const rules4 = rules({
  pods: '10.42.0.0/16',
  service: '10.43.0.99',
  nfs: '10.0.0.10:2049',
  pod: '10.42.10.2:9999',
});
const rules6 = rules({
  pods: 'fd42::/56',
  service: 'fd43::99',
  nfs: '[fd00::10]:2049',
  pod: '[fd42:0:0:10::2]:9999',
});

/**
 * Machines in a LAN, 10.0.0.0/24 and fd00::/64: the nodes agent1 (.21) and storage1 (.10), each with a pod in
 * 10.42.N.0/24, bridge, tunnel and rules as under k3s; storage2 (.20), which is no node; and a stranger (.66) who has
 * made himself the way out of all of them. Everybody listens, and answers with the address that is asking.
 */
export class PodLan {
  private readonly machines = new Map<string, Running>();
  private count = 0;

  private constructor(readonly sandbox: NetworkSandbox) {}

  static async up(): Promise<PodLan> {
    const lan = new PodLan(await NetworkSandbox.up());
    await lan.sandbox.run(undefined, 'ip link add lan type bridge; ip link set lan up');
    for (const [name, number] of [
      ['agent1', 21],
      ['storage1', 10],
      ['storage2', 20],
      ['stranger', 66],
    ] as const)
      await lan.machine(name, number);
    await lan.node('agent1', 21, 10);
    await lan.node('storage1', 10, 21);
    // A pod's address that no node has, and the way to a pod.
    await lan.sandbox.run(
      'stranger',
      'ip route add 10.42.10.0/24 via 10.0.0.10; ip address add 10.42.99.66/32 dev eth0; ip -6 address add fd42:0:0:99::66/128 dev eth0 nodad',
    );
    await Promise.all(
      ['agent1', 'storage1', 'storage2', 'stranger', 'agent1-pod', 'storage1-pod'].map((machine) =>
        lan.listen(machine),
      ),
    );
    return lan;
  }

  /**
   * As whom machines are seen by those they ask, '' for whom nobody answers.
   *
   * @param questions `agent1-pod to 10.0.0.10 2049`; `stranger as 10.42.99.66 to …` asks from another address
   * @param seconds how long an answer may take
   */
  async seen(questions: readonly string[], seconds: number): Promise<Record<string, string>> {
    const answers = questions.map(async (question) => {
      const [, machine = '', from, host, port] = /^(\S+)(?: as (\S+))? to (\S+) (\d+)$/.exec(question) ?? [];
      const asked = { host, port: Number(port), from, milliseconds: seconds * 1000 };
      return [question, await this.ask(machine, asked)] as const;
    });
    return Object.fromEntries(await Promise.all(answers));
  }

  down(): void {
    this.sandbox.down();
  }

  private async listen(name: string): Promise<void> {
    const script = join(__dirname, 'lan-machine.js');
    const machine = this.sandbox.start(name, 'exec "$@"', process.execPath, script, ...listened.map(String));
    this.machines.set(name, machine);
    machine.lines.setMaxListeners(0);
    await once(machine.lines, 'line');
  }

  private ask(name: string, question: object): Promise<string> {
    const machine = this.machines.get(name);
    if (!machine) throw new Error(`there is no machine '${name}'`);
    this.count += 1;
    const id = this.count;
    return new Promise((resolve) => {
      const read = (line: string) => {
        const answer: { id: number; text: string } = JSON.parse(line);
        if (answer.id !== id) return;
        machine.lines.off('line', read);
        resolve(answer.text);
      };
      machine.lines.on('line', read);
      machine.child.stdin?.write(`${JSON.stringify({ id, ...question })}\n`);
    });
  }

  private async machine(name: string, number: number): Promise<void> {
    await this.sandbox.run(
      undefined,
      `ip netns add ${name}
      ip link add ${name} type veth peer name eth0 netns ${name}
      ip link set ${name} master lan up`,
    );
    await this.sandbox.run(
      name,
      `ip link set lo up; ip link set eth0 up
      ip address add 10.0.0.${number}/24 dev eth0; ip -6 address add fd00::${number}/64 dev eth0 nodad
      [[ ${number} == 66 ]] || { ip route add default via 10.0.0.66; ip -6 route add default via fd00::66; }`,
    );
  }

  private async node(name: string, number: number, other: number): Promise<void> {
    await this.sandbox.run(
      name,
      `for setting in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 >/proc/sys/net/$setting; done
      for setting in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >"$setting"; done
      ip link add cni0 type bridge; ip link set cni0 up
      ip address add 10.42.${number}.1/24 dev cni0; ip -6 address add fd42:0:0:${number}::1/64 dev cni0 nodad
      ip -6 address add fe80::1/64 dev cni0 nodad
      ip link add flannel.1 type vxlan id 1 dev eth0 local 10.0.0.${number} remote 10.0.0.${other} dstport 8472
      ip address add 10.42.${number}.0/32 dev flannel.1; ip link set flannel.1 up
      ip route add 10.42.${other}.0/24 via 10.42.${other}.0 dev flannel.1 onlink`,
    );
    await this.sandbox.run(undefined, `ip netns add ${name}-pod`);
    await this.sandbox.run(
      name,
      `ip link add veth0 type veth peer name eth0 netns /run/netns/${name}-pod; ip link set veth0 master cni0 up`,
    );
    await this.sandbox.run(
      `${name}-pod`,
      `ip link set lo up; ip link set eth0 addrgenmode none up; ip -6 address add fe80::2/64 dev eth0 nodad
      ip address add 10.42.${number}.2/24 dev eth0; ip -6 address add fd42:0:0:${number}::2/64 dev eth0 nodad
      ip route add default via 10.42.${number}.1; ip -6 route add default via fd42:0:0:${number}::1`,
    );
    await this.kubeProxy(name);
  }

  /** Puts the rules of kube-proxy and flannel onto a node. */
  async kubeProxy(name: string): Promise<void> {
    await this.sandbox.run(
      name,
      'iptables-nft-restore --noflush <<<"$1"; ip6tables-nft-restore --noflush <<<"$2"',
      rules4,
      rules6,
    );
  }
}
