import { HostSandbox } from '../support/host-sandbox';
import { callingScript } from '../support/host-scripts';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('sleep', 'rm -f "$STUB/turns/agent9"');
});
afterEach(() => host.remove());

const [apply, earlier] = ['2026-11-29T20:00:00Z', '2026-11-29T19:00:00Z'];
const now = Math.floor(Date.now() / 1000);

interface Api {
  /** Entries of the object, by node. */
  readonly turns?: Readonly<Record<string, string>>;
  /** Whether the kubelet answers on its host. */
  readonly kubelet?: boolean;
  /** What the API says of this node. */
  readonly ready?: 'True' | 'False' | '';
  /** How many times the API has no answer before. */
  readonly silent?: number;
  /** How many times the API does not take note that the turn has ended. */
  readonly deaf?: number;
  /** Whether somebody is faster, the first time. */
  readonly conflict?: boolean;
  /** Whether nobody reads what the step prints. */
  readonly gone?: boolean;
}

/** Runs commands after the turn is taken, with an API that has the object as files. */
function run(commands: string, api: Api = {}) {
  const {
    turns = {},
    kubelet = true,
    ready = 'True',
    silent = 0,
    deaf = 0,
    conflict = false,
    gone = false,
  } = api;
  host.write('/stubs/turns/.keep', '');
  for (const [node, turn] of Object.entries(turns)) host.write(`/stubs/turns/${node}`, turn);
  if (conflict) host.write('/stubs/conflict', '');
  host.write('/stubs/silent', 'x'.repeat(silent));
  host.write('/stubs/deaf', 'x'.repeat(deaf));
  host.write(
    '/usr/local/bin/k3s',
    `#!/usr/bin/env bash
shift 5
case $* in
  *"get node"*)
    if [[ -s $STUB/silent ]]; then truncate --size=-1 "$STUB/silent"; exit 1; fi
    echo '${ready}' ;;
  *"get configmap"*) echo 7; cd "$STUB/turns"; for node in *; do [[ ! -e $node ]] || echo "$node $(<"$node")"; done ;;
  *patch*)
    if [[ $* != *resourceVersion* && -s $STUB/deaf ]]; then truncate --size=-1 "$STUB/deaf"; exit 1; fi
    echo "patch \${@: -1}" >>"$STUB/calls.log"
    ! rm "$STUB/conflict" 2>/dev/null || exit 1 ;;
esac`,
    0o755,
  );
  const { status, output } = host.run({
    'run.sh': callingScript(
      ['lib-node.sh', 'lib-turns.sh'],
      `HOST=agent1 APPLY=${apply} MAX_UNAVAILABLE=1
kubelet_is_healthy() { ${kubelet}; }
# A minute, as soon as somebody waits.
rest_after() { sleep 30; SECONDS=$((SECONDS + 30)); }
${gone ? 'exec >/dev/full' : ''}
take_turn
${commands}
end_turn`,
    ),
  });
  const patches = host
    .calls()
    .filter((call) => call.startsWith('patch '))
    .map((call) => JSON.parse(call.slice('patch '.length)));
  return { status, output, patches };
}

testInSandbox(
  'a turn ends when the API answers again within five minutes, and says who waits when it does not',
  () => {
    const ended = run('info restarted', { deaf: 9 });
    expect({ patches: ended.patches.length, output: ended.output }).toEqual({
      patches: 2,
      output: 'restarted\n',
    });
    const silent = run('info restarted', { deaf: 99 });
    expect(silent.patches).toHaveLength(1);
    expect(silent.output).toContain("does not take note that the turn of 'agent1' has ended");
  },
);

testInSandbox('a node takes a turn that nobody has, of the object as it read it, and gives it back', () => {
  const { status, patches } = run('info restarted');
  expect(status).toBe(0);
  expect(patches).toEqual([
    { metadata: { resourceVersion: '7' }, data: { agent1: expect.stringMatching(`^${apply} \\d+$`) } },
    { metadata: {}, data: { agent1: null } },
  ]);
});

testInSandbox('a node waits as long as another one restarts, and says for whom', () => {
  const { status, output } = run('info restarted', { turns: { agent9: `${apply} ${now + 600}` } });
  expect({ status, output }).toEqual({
    status: 0,
    output: 'agent1 waits for its turn: agent9 restarts\nrestarted\n',
  });
});

testInSandbox('of two nodes that take a turn at the same time, one reads again', () => {
  const { status, patches } = run('info restarted', { conflict: true });
  expect({ status, taken: patches.length }).toEqual({ status: 0, taken: 3 });
});

testInSandbox('a node that runs no pods restarts at once: there is nothing to spare', () => {
  const nobody: readonly Api[] = [{ kubelet: false, silent: 1 }, { ready: 'False' }, { ready: '' }];
  for (const api of nobody)
    expect(
      run('info "restarted, turn: $turn_taken"', { ...api, turns: { agent8: `${apply} ${now + 600}` } }),
    ).toEqual({ status: 0, output: 'restarted, turn: \n', patches: [] });
});

testInSandbox('an API that has no answer for a moment is asked again: the node runs pods meanwhile', () => {
  const { status, output, patches } = run('info "restarted, turn: $turn_taken"', { silent: 2 });
  expect({ status, output, taken: patches.length }).toEqual({
    status: 0,
    output: 'restarted, turn: true\n',
    taken: 2,
  });
});

testInSandbox('a node whose restart fails leaves word, and the others of the apply stay as they are', () => {
  const { status, patches } = run('fatal "does not start"');
  expect(status).toBe(1);
  expect(patches.at(-1)).toEqual({ metadata: {}, data: { agent1: `${apply} failed` } });

  expect(run('info restarted', { turns: { agent2: `${apply} failed` } })).toEqual({
    status: 1,
    output: "error: agent1: left as it is, because node 'agent2' did not come back\n",
    patches: [],
  });
});

testInSandbox('a node that died in its turn ends the apply when its time is over', () => {
  const { status, output } = run('info restarted', { turns: { agent2: `${apply} ${now - 1}` } });
  expect({ status, output }).toEqual({
    status: 1,
    output: expect.stringContaining("because node 'agent2' has been restarting for more than 20 minutes"),
  });
});

testInSandbox('what an earlier apply or a stranger left holds nobody up', () => {
  const turns = {
    agent2: `${earlier} failed`,
    agent3: `${earlier} ${now - 1}`,
    agent4: '$(reboot)',
    agent5: `${apply} 99999999999999999999`,
    agent1: `${apply} ${now + 600}`,
  };
  expect(run('info restarted', { turns })).toMatchObject({ status: 0, output: 'restarted\n' });
});

testInSandbox('an earlier apply that still restarts a node counts', () => {
  const { output } = run('info restarted', { turns: { agent9: `${earlier} ${now + 600}` } });
  expect(output).toContain('agent9 restarts');
});

testInSandbox('when the apply is gone, a node that waits stays as it is', () => {
  const turns = { agent9: `${apply} ${now + 600}` };
  expect(run('info restarted', { turns, gone: true })).toMatchObject({
    status: 1,
    output: expect.stringContaining("the apply that node 'agent1' waited in is gone: it was left as it is"),
    patches: [],
  });
});
