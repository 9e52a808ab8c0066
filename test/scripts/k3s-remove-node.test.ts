import script from '../../src/roles/k3s/k3s-remove-node.sh';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('sleep');
  host.stub('systemctl');
  host.stub('flock');
  host.write('/run/lock/other', '');
});
afterEach(() => host.remove());

interface Cluster {
  /** How often the API does not answer before it does. */
  readonly busy?: number;
  /** State of the node that goes; empty: there is none. */
  readonly ready?: 'True' | 'Unknown' | '';
  readonly others?: readonly string[];
}

/** What is done with the node `agent1`, in order. */
function run({ busy = 0, ready = 'True', others = ['server1'] }: Cluster) {
  host.write(
    '/usr/local/bin/k3s',
    `#!/usr/bin/env bash
shift 3
[[ $1 != --request-timeout ]] || shift 2
case $* in
  *readyz*) echo x >>"$STUB/asked"; (($(wc -l <"$STUB/asked") > ${busy})) || exit 1 ;;
  "get nodes"*) for name in ${others.join(' ')}; do echo "$name"; done ;;
  "get node "*) echo "${ready && `${ready}.`}" ;;
  *) echo "kubectl $*" >>"$STUB/calls.log" ;;
esac
`,
    0o755,
  );
  const { status, output } = host.run({ 'run.sh': script.text }, 'agent1');
  const all = host.calls();
  const calls = all.filter((call) => call.startsWith('kubectl '));
  const waits = all.filter((call) => call.startsWith('sleep ')).length;
  return { status, output, calls, waits, done: calls.map((call) => call.split(' ')[1]) };
}

testInSandbox('a node that goes is cordoned, gives its addresses away, is drained and deleted', () => {
  const { status, calls, done } = run({});
  expect({ status, done }).toEqual({ status: 0, done: ['cordon', 'label', 'drain', 'delete'] });
  expect(calls[1]).toBe(
    'kubectl label node agent1 --overwrite node.kubernetes.io/exclude-from-external-load-balancers=true',
  );
});

testInSandbox(
  'an API that is too busy to answer at once is asked again, so that the node is drained all the same',
  () => {
    expect(run({ busy: 2 })).toMatchObject({ status: 0, done: ['cordon', 'label', 'drain', 'delete'] });
  },
);

testInSandbox('an API that does not answer is an error that says what is left to do', () => {
  const { status, output, done } = run({ busy: 9 });
  expect({ status, done }).toEqual({ status: 1, done: [] });
  expect(output).toContain("run 'kubectl delete node agent1' when it does");
});

testInSandbox('where k3s does not run nothing is waited for', () => {
  host.stub('systemctl', 'exit 3');
  expect(run({ busy: 1 })).toMatchObject({ status: 1, done: [] });
});

testInSandbox(
  'pods of a dead node and of the last one are not moved: nobody stops them, and there is no place to go',
  () => {
    expect(run({ ready: 'Unknown' })).toMatchObject({ status: 0, done: ['cordon', 'delete'] });
    expect(run({ others: [] })).toMatchObject({ status: 0, done: ['cordon', 'delete'] });
  },
);

testInSandbox('when many leave at once, a node waits until fewer than eight are being removed', () => {
  host.stub('flock', 'echo x >>"$STUB/taken"; (($(wc -l <"$STUB/taken") > 16))');
  expect(run({})).toMatchObject({ status: 0, waits: 2, done: ['cordon', 'label', 'drain', 'delete'] });
});

testInSandbox('a node that is gone already is a success', () => {
  expect(run({ ready: '' })).toMatchObject({ status: 0, done: [] });
});
