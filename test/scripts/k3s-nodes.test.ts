import script from '../../src/roles/k3s/k3s-nodes.sh';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
});
afterEach(() => host.remove());

/** @param managed what the annotation of agent1 says, empty when there is none */
function run(managed: string, nodes: string, machine = 'SHA256:a', known = `agent1|${managed}|${machine}`) {
  host.stub('kubectl', `case $* in *"get nodes"*) echo "${known}" ;; esac`);
  host.write(
    '/usr/local/bin/k3s',
    `#!/usr/bin/env bash\nshift 5\nexec ${host.folder}/stubs/kubectl "$@"\n`,
    0o755,
  );
  const { status, output } = host.run({
    'run.sh': script.text,
    'step.env': "HOST='server1'\nSERVERS='server1 server2'\n",
    nodes,
  });
  const changes = host.calls().filter((call) => !call.includes(' get '));
  return { status, output, changes: changes.map((call) => call.replace('kubectl ', '')) };
}

testInSandbox('labels and taints are set on a node that has none of ours', () => {
  expect(run('', 'agent1 SHA256:a disk=ssd,zone=a dedicated=build:NoSchedule\n')).toMatchObject({
    status: 0,
    changes: [
      'label node agent1 --overwrite disk=ssd zone=a',
      'taint node agent1 --overwrite dedicated=build:NoSchedule',
      'annotate node agent1 --overwrite k3s-cdk/managed=disk=ssd,zone=a dedicated=build:NoSchedule',
    ],
  });
});

testInSandbox('what cluster.yaml no longer has is taken away, and nothing of others', () => {
  expect(
    run(
      'disk=ssd,zone=a gpu:NoExecute,dedicated=build:NoSchedule',
      'agent1 SHA256:a disk=hdd dedicated=ci:NoSchedule\n',
    ).changes,
  ).toEqual([
    'label node agent1 --overwrite disk=hdd zone-',
    'taint node agent1 --overwrite dedicated=ci:NoSchedule',
    'taint node agent1 gpu:NoExecute-',
    'annotate node agent1 --overwrite k3s-cdk/managed=disk=hdd dedicated=ci:NoSchedule',
  ]);
});

testInSandbox('a node that is as it should be is not touched', () => {
  expect(run('disk=ssd -', 'agent1 SHA256:a disk=ssd -\n')).toMatchObject({ status: 0, changes: [] });
});

testInSandbox('a node that has and wants nothing is not touched', () => {
  expect(run('', 'agent1 SHA256:a - -\n')).toMatchObject({ status: 0, changes: [] });
});

testInSandbox('a node that has not registered yet is a warning', () => {
  const { status, output } = run('', 'agent2 SHA256:a disk=ssd -\n');
  expect(status).toBe(0);
  expect(output).toContain("warning: server1: node 'agent2' is not in the cluster yet");
});

testInSandbox('a cluster without a node has nothing to label', () => {
  const { status, output, changes } = run('', 'agent1 SHA256:a disk=ssd -\n', '', '');
  expect({ status, changes }).toEqual({ status: 0, changes: [] });
  expect(output).toContain("warning: server1: node 'agent1' is not in the cluster yet");
});

testInSandbox('which machine a node is, is noted when it is another one or was not known', () => {
  const changes = ['annotate node agent1 --overwrite k3s-cdk/machine=SHA256:b'];
  expect(run('', 'agent1 SHA256:b - -\n')).toMatchObject({ status: 0, changes });
  expect(run('', 'agent1 SHA256:b - -\n', '')).toMatchObject({ status: 0, changes });
  expect(run('', 'agent1 unknown - -\n')).toMatchObject({ status: 0, changes: [] });
});

testInSandbox('a server that has become an agent is called a server no longer', () => {
  const known = ['agent1||SHA256:a|true', 'server2||SHA256:b|true', 'agent2||SHA256:c|'].join('\n');
  const nodes = 'server2 SHA256:b - -\nagent1 SHA256:a - -\nagent2 SHA256:c - -\n';
  expect(run('', nodes, '', known)).toMatchObject({
    status: 0,
    changes: ['label node agent1 node-role.kubernetes.io/control-plane- node-role.kubernetes.io/master-'],
  });
});

testInSandbox('a node of ours that has left cluster.yaml is removed, a node of others is not', () => {
  const left = run('', 'server1 SHA256:a - -\n', 'SHA256:b');
  expect(left.changes).toEqual([
    'delete node agent1 --ignore-not-found',
    'delete secret --namespace kube-system agent1.node-password.k3s --ignore-not-found',
  ]);
  expect(run('', 'server1 SHA256:a - -\n', '')).toMatchObject({ status: 0, changes: [] });
});
