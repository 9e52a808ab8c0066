import { setTimeout as sleep } from 'node:timers/promises';
import { testPackets } from '../support/network-sandbox';
import { firewallFilesOf, PodLan } from '../support/pod-lan';

/** What pods must not reach, and as whom they are seen there when nobody keeps them from it. */
const closed = {
  // The storage takes the pod for the node, which may do everything.
  'agent1-pod to 10.0.0.10 2049': '10.0.0.21',
  'agent1-pod to fd00::10 2049': 'fd00::21',
  'agent1-pod to 10.0.0.10 5432': '10.0.0.21',
  'agent1-pod to 10.0.0.10 8008': '10.0.0.21',
  'agent1-pod to 10.0.0.10 2379': '10.0.0.21',
  'agent1-pod to 10.0.0.20 2380': '10.0.0.21',
  'storage1-pod to 10.0.0.20 5432': '10.0.0.10',
  // A pod of the storage host itself, at any address of it.
  'storage1-pod to 10.0.0.10 2049': '10.42.10.2',
  'storage1-pod to fd00::10 2049': 'fd42:0:0:10::2',
  'storage1-pod to 10.42.10.1 5432': '10.42.10.2',
  'storage1-pod to fe80::1%eth0 2049': 'fe80::2%cni0',
  // Through the tunnel.
  'agent1-pod to 10.42.10.1 2049': '10.42.21.2',
  // By a Service that leads there, by a port of its own node, of another one, and of the storage host.
  'agent1-pod to 10.43.0.99 80': '10.0.0.21',
  'agent1-pod to fd43::99 80': 'fd00::21',
  'agent1-pod to 10.42.21.1 30049': '10.0.0.21',
  'storage1-pod to 10.0.0.21 30049': '10.0.0.21',
  'agent1-pod to 10.0.0.10 30049': '10.0.0.21',
};

/** What goes on. */
const open = {
  // Nodes mount volumes, also by a Service.
  'agent1 to 10.0.0.10 2049': '10.0.0.21',
  'agent1 to 10.43.0.99 80': '10.0.0.21',
  'agent1 to fd00::10 2049': 'fd00::21',
  'agent1 to 10.0.0.20 5432': '10.0.0.21',
  'storage1 to 10.0.0.10 2049': '10.0.0.10',
  'storage1 to fd00::10 2049': 'fd00::10',
  'storage1 to 10.43.0.99 80': '10.0.0.10',
  'storage1 to 10.0.0.20 2380': '10.0.0.10',
  // Other ports of these hosts, these ports of others, and pods among each other.
  'agent1-pod to 10.0.0.10 9999': '10.0.0.21',
  'agent1-pod to fd00::10 9999': 'fd00::21',
  'storage1-pod to 10.0.0.10 9999': '10.42.10.2',
  'agent1-pod to 10.0.0.66 2049': '10.0.0.21',
  'agent1-pod to 10.42.10.2 5432': '10.42.21.2',
  'agent1-pod to 10.42.21.1 9999': '10.42.21.2',
  'agent1-pod to 10.0.0.10 30080': '10.42.10.1',
};

const nobody = Object.fromEntries(Object.keys(closed).map((question) => [question, '']));

let lan: PodLan;
beforeAll(async () => {
  lan = await PodLan.up();
});
afterAll(() => lan.down());

/** What a pod must not reach is waited for a second; the rest gets the time it takes. */
const closedNow = () => lan.seen(Object.keys(closed), 1);
const openNow = () => lan.seen(Object.keys(open), 20);

/** Runs the step's script as its unit does, on a host of cluster.yaml. */
async function keepPodsAway(name: string): Promise<void> {
  const { 'pods.nft': table = '', 'pods-table.sh': script = '' } = firewallFilesOf(name);
  const unit = `mkdir -p /etc/k3s-cdk; mount -t tmpfs tmpfs /etc/k3s-cdk; cd /etc/k3s-cdk
    printf %s "$1" >pods.nft; printf %s "$2" >pods-table.sh
    bash pods-table.sh load; echo loaded; exec bash pods-table.sh keep 0.2`;
  const { lines } = lan.sandbox.start(
    name,
    'exec unshare --mount bash -ec "$@"',
    unit,
    'bash',
    table,
    script,
  );
  for await (const line of lines) if (line === 'loaded') return;
  throw new Error(`${name} has not loaded the table`);
}

const tableOf = (name: string) =>
  lan.sandbox.run(name, 'nft --stateless list table inet k3s-cdk-pods 2>/dev/null || true');

/** Waits until the whole table of a machine is as it was. */
async function tableIsBack(name: string, before: string): Promise<void> {
  for (let tries = 0; (await tableOf(name)) !== before; tries += 1) {
    if (tries > 200) throw new Error(`${name}: nobody has loaded the table again`);
    await sleep(50);
  }
}

testPackets('without more, storage and database take pods for their nodes', async () => {
  expect(await lan.seen(Object.keys(closed), 20)).toEqual(closed);
  expect(await openNow()).toEqual(open);
});

testPackets(
  'nodes keep pods from storage and database, whichever way they take, and from nothing else',
  async () => {
    await keepPodsAway('agent1');
    await keepPodsAway('storage1');
    expect(await closedNow()).toEqual(nobody);
    expect(await openNow()).toEqual(open);
  },
);

testPackets(
  'the table comes back after the owner’s rules have flushed all tables, and after it was emptied',
  async () => {
    const before = { agent1: await tableOf('agent1'), storage1: await tableOf('storage1') };
    expect(before).toEqual({
      agent1: expect.stringContaining('drop'),
      storage1: expect.stringContaining('drop'),
    });
    await lan.sandbox.run('agent1', 'nft flush ruleset');
    await lan.sandbox.run('storage1', 'nft flush chain inet k3s-cdk-pods here');
    await lan.kubeProxy('agent1');
    await tableIsBack('agent1', before.agent1);
    await tableIsBack('storage1', before.storage1);
    expect(await closedNow()).toEqual(nobody);
    expect(await openNow()).toEqual(open);
  },
);
