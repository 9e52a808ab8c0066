import { HostSandbox } from '../support/host-sandbox';
import { callingScript } from '../support/host-scripts';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('sleep');
});
afterEach(() => host.remove());

/** A node of the API: what the kubelet's credential reads and patches. */
interface Node {
  readonly unschedulable?: boolean;
  /** Our note that we cordoned it. */
  readonly note?: string;
  /** How many times the API has no answer before. */
  readonly silent?: number;
}

function run(command: 'drain' | 'uncordon', { unschedulable = false, note = '', silent = 0 }: Node) {
  host.write('/stubs/silent', 'x'.repeat(silent));
  host.stub(
    'kubectl',
    `case $* in
  *" patch "* | patch*) ;;
  *unschedulable*) echo "${unschedulable || ''}" ;;
  *annotations*) echo "${note}" ;;
esac`,
  );
  host.write(
    '/usr/local/bin/k3s',
    `#!/usr/bin/env bash
if [[ -s $STUB/silent ]]; then truncate --size=-1 "$STUB/silent"; exit 1; fi
shift 5
exec ${host.folder}/stubs/kubectl "$@"\n`,
    0o755,
  );
  const { status, output } = host.run({
    'run.sh': callingScript(
      ['lib-node.sh', 'lib-drain.sh'],
      `HOST=agent1 CORDONED_FOR='the upgrade to v1.36.2+k3s1; the next apply'
rest_after() { SECONDS=$((SECONDS + 10)); }
${command}`,
    ),
  });
  const patches = host
    .calls()
    .filter((call) => call.includes(' patch '))
    .map((call) => JSON.parse(call.slice(call.indexOf('{'))));
  return { status, output, patches };
}

testInSandbox('a cordon and the note that it is ours come in one request, so that no kill parts them', () => {
  expect(run('drain', {})).toMatchObject({
    status: 0,
    patches: [
      {
        metadata: {
          annotations: { 'k3s-cdk/cordoned': 'for the upgrade to v1.36.2+k3s1; the next apply ends it' },
        },
        spec: { unschedulable: true },
      },
    ],
  });
});

testInSandbox('whichever run comes next ends our cordon, and says so', () => {
  const { status, output, patches } = run('uncordon', { unschedulable: true, note: 'for the upgrade' });
  expect({ status, patches }).toEqual({
    status: 0,
    patches: [{ metadata: { annotations: { 'k3s-cdk/cordoned': null } }, spec: { unschedulable: null } }],
  });
  expect(output).toContain("node 'agent1' takes pods again");
});

testInSandbox('a cordon of somebody else is neither noted as ours nor ended', () => {
  expect(run('drain', { unschedulable: true })).toMatchObject({ status: 0, patches: [] });
  expect(run('uncordon', { unschedulable: true })).toMatchObject({ status: 0, patches: [] });
});

testInSandbox(
  'an API that is busy for a moment is asked again, and one that is silent for a minute drains nobody',
  () => {
    const busy = run('drain', { silent: 3 });
    expect({ output: busy.output, patches: busy.patches.length }).toEqual({
      output: "draining node 'agent1'\n",
      patches: 1,
    });
    const silent = run('drain', { silent: 99 });
    expect(silent).toMatchObject({ status: 0, patches: [] });
    expect(silent.output).toContain("node 'agent1' does not answer, so it is not drained");
  },
);
