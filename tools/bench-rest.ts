// What each role of a cluster at rest costs its machine, kubelets included: bytes written a day, flushes, memory and
// processor, in virtual machines (emulated where there is no KVM; what is written does not depend on that). First as
// k3s-cdk makes it, then with the leases that k3s has by itself, then with k3s's embedded etcd on the same server. Prints a
// table for each and writes bench-rest.json. Arguments: minutes that are measured (10), and minutes before (4).
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { k3sBinary } from '../test/lab/k3s-binary';
import { Lab } from '../test/lab/lab';
import { whyNoLab } from '../test/lab/requirements';
import { arch, makeArtifacts } from '../test/lab/support/artifacts';
import { canApply, Project } from '../test/lab/support/project';
import { usualTools } from '../test/lab/support/tools';
import { virtualMachines } from '../test/lab/vm/vm-kind';
import { waitFor } from '../test/lab/wait';
import {
  beginEtcd,
  embeddedEtcd,
  type HostRates,
  leasesOfKubernetes,
  printRates,
  ratesAtRest,
} from './at-rest';

const network = '10.85.0';
/** MiB of memory as the smallest machines have that suit a role. */
const machines = [
  { name: 'storage1', number: 10, roles: ['database'], memory: 1024 },
  { name: 'server1', number: 11, roles: ['server'], memory: 2048 },
  { name: 'agent1', number: 21, roles: ['agent'], memory: 1024 },
] as const;

/** There are no images, and pods that cannot start are no rest. */
const withoutPods = `install -d -m 0755 /etc/rancher/k3s/config.yaml.d
echo 'disable+: [coredns]' >/etc/rancher/k3s/config.yaml.d/90-k3s-cdk-lab.yaml`;

class Cluster {
  private constructor(
    readonly lab: Lab,
    private readonly project: Project,
  ) {}

  static async up(): Promise<Cluster> {
    const binary = await k3sBinary();
    const lab = await Lab.up({
      name: `bench-rest-${process.pid}`,
      kind: 'vm',
      hosts: machines.map(({ name, number, memory }) => ({
        name,
        memory,
        addresses: [`${network}.${number}/24`],
      })),
      reserved: [`${network}.5`],
    });
    const cluster = new Cluster(lab, new Project(lab, usualTools));
    try {
      await cluster.begin(binary.version);
      return cluster;
    } catch (error) {
      await lab.down();
      throw error;
    }
  }

  private async begin(version: string): Promise<void> {
    const { project } = this;
    await makeArtifacts(project.path('artifacts'), await k3sBinary(), { compressed: true });
    project.writeCluster({
      hosts: machines.map(({ name, number, roles }) => ({
        name,
        address: `${network}.${number}`,
        roles,
        arch,
      })),
      api: { address: `${network}.5` },
      k3s: { version, artifacts: './artifacts' },
    });
    await this.lab.host('server1').exec(withoutPods);
    await project.k3sCdk('init', '--yes');
    await project.k3sCdk('synth');
    await project.init();
    await project.apply();
  }

  /** Runs a script on the server, and waits until the API counts both nodes as ready. */
  async change(script: string, ...args: string[]): Promise<void> {
    await this.lab.host('server1').exec(script, { args });
    await this.nodesReady();
  }

  async nodesReady(): Promise<void> {
    let seen = '';
    const query = '/usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml get nodes --no-headers';
    await waitFor(
      'both nodes are ready',
      async () => {
        seen = (await this.lab.host('server1').exec(query, { allowFailure: true })).stdout;
        return ['server1', 'agent1'].every((name) => new RegExp(`^${name} +Ready `, 'm').test(seen));
      },
      { timeout: 900_000, interval: 5000, explain: () => seen },
    );
  }
}

async function main(): Promise<void> {
  const [minutes = 10, settling = 4] = process.argv.slice(2).map(Number);
  const reason = canApply
    ? await whyNoLab(virtualMachines, console.log)
    : 'neither terraform nor tofu is there';
  if (reason !== undefined) return console.log(`skipped: ${reason}`);
  const { version, standIn } = await k3sBinary();
  if (standIn) return console.log('skipped: there is no k3s, only a stand-in without a kubelet');
  const cluster = await Cluster.up();
  const result: Record<string, Record<string, HostRates>> = {};
  const measure = async (title: string) => {
    await cluster.nodesReady();
    console.log(`${title}: at rest`);
    await sleep(settling * 60_000);
    Object.assign(result, await ratesAtRest(new Map([[title, cluster.lab.hosts]]), minutes));
    await cluster.nodesReady();
    printRates(title, result[title] ?? {});
  };
  try {
    await measure('as k3s-cdk makes it');
    await cluster.change(leasesOfKubernetes);
    await measure("leases as k3s's own");
    await cluster.change(embeddedEtcd, beginEtcd);
    // Its node is not in the new datastore.
    await cluster.lab.host('agent1').exec('systemctl restart k3s-agent');
    await measure('embedded etcd');
  } finally {
    await cluster.lab.down();
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)} at the end`;
  console.log(`\nk3s ${version}, ${minutes} minutes at rest after ${settling}; ${machine}`);
  writeFileSync(
    'bench-rest.json',
    `${JSON.stringify({ machine, k3s: version, minutes, result }, null, 2)}\n`,
  );
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
