import script from '../../src/roles/k3s/replaced-nodes.sh';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
});
afterEach(() => host.remove());

/** @param noted lines of name, machine and readiness, as the API has them @param machines those of cluster.yaml */
function run(noted: string, machines: string, answers = true) {
  host.stub('kubectl', answers ? `case $* in *"get nodes"*) echo "${noted}" ;; esac` : 'exit 1');
  host.write(
    '/usr/local/bin/k3s',
    `#!/usr/bin/env bash\nshift 5\nexec ${host.folder}/stubs/kubectl "$@"\n`,
    0o755,
  );
  const { status, output } = host.run({
    'run.sh': script.text,
    'step.env': `HOST='server1'\nMACHINES='${machines}'\nwait_until() { shift; "$@"; }\n`,
  });
  const deletions = host.calls().filter((call) => call.includes(' delete '));
  return { status, output, deletions: deletions.map((call) => call.replace('kubectl delete ', '')) };
}

testInSandbox('a node whose machine is another one and gone is removed together with its password', () => {
  const { status, deletions } = run(
    'agent1 SHA256:old False\nagent2 SHA256:b True',
    'agent1=SHA256:new agent2=SHA256:b',
  );
  expect({ status, deletions }).toEqual({
    status: 0,
    deletions: [
      'node agent1 --ignore-not-found',
      'secret --namespace kube-system agent1.node-password.k3s --ignore-not-found',
    ],
  });
});

testInSandbox('a node that lives stays, whatever its host key is now', () => {
  const { status, output, deletions } = run('agent1 SHA256:old True', 'agent1=SHA256:new');
  expect({ status, deletions }).toEqual({ status: 0, deletions: [] });
  expect(output).toContain("node 'agent1' has another SSH host key than before and is ready: it stays");
});

testInSandbox.each([
  ['the same machine is off', 'agent1 SHA256:a Unknown', 'agent1=SHA256:a'],
  ['no machine was noted', 'agent1  False', 'agent1=SHA256:a'],
  ['no host key is known', 'agent1 SHA256:a False', 'agent1=unknown'],
  ['there is no node', '', 'agent1=SHA256:a'],
  ['somebody added the node by hand', 'other SHA256:a False', 'agent1=SHA256:a'],
])('nothing is removed when %s', (_, noted, nodes) => {
  expect(run(noted, nodes)).toMatchObject({ status: 0, deletions: [] });
});

testInSandbox('an API that does not tell its nodes in time ends the step', () => {
  const { status, output } = run('agent1 SHA256:old False', 'agent1=SHA256:new', false);
  expect(status).toBe(1);
  expect(output).toContain('error: server1: the API does not answer on this server');
});
