import script from '../../src/roles/k3s/k3s-definitions.sh';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
});
afterEach(() => host.remove());

/** @param answers how kubectl answers, in bash: `$*` is what it is asked */
function run(answers = '') {
  host.stub('kubectl', answers);
  host.stub('sleep');
  host.write(
    '/usr/local/bin/k3s',
    `#!/usr/bin/env bash\nshift 5\nexec ${host.folder}/stubs/kubectl "$@"\n`,
    0o755,
  );
  const crd = 'kind: CustomResourceDefinition\nmetadata:\n  name: pools.example.net\n';
  const { status, output } = host.run({
    'run.sh': script.text,
    'step.env': "HOST='server1'\n",
    'crds.yaml': `${crd}---\nkind: Pool\nmetadata:\n  name: lan\n`,
    'manifest-set.yaml': 'kind: ManifestSet\n',
  });
  const calls = host.calls().filter((call) => call.startsWith('kubectl '));
  return { status, output, calls: calls.map((call) => call.replace(/ \S*\/manifest/, ' manifest')) };
}

testInSandbox('definitions are waited for, and nothing else that lies between them', () => {
  const waits = [
    'kubectl wait --for create --timeout 60s crd/pools.example.net',
    'kubectl wait --for condition=Established --timeout 60s crd/pools.example.net',
  ];
  expect(run('[[ $3 != condition=* || -e $STUB/late ]] || { touch "$STUB/late"; exit 1; }')).toMatchObject({
    status: 0,
    calls: [...waits, ...waits, 'kubectl create -f manifest-set.yaml'],
  });
});

testInSandbox('a kubectl that cannot wait for something to be made is asked again and again', () => {
  expect(run('[[ $3 != create ]]')).toMatchObject({ status: 0 });
});

testInSandbox('what kubectl keeps track with is made where it is missing, and never replaced', () => {
  const made = 'kubectl create -f manifest-set.yaml';
  const asked = 'kubectl get -f manifest-set.yaml';
  expect(run().calls.slice(2)).toEqual([made]);
  expect(run('[[ $1 != create ]]')).toMatchObject({
    status: 0,
    calls: [expect.anything(), expect.anything(), made, asked],
  });
});
