import { plannedChanges } from '../../src/terraform/planned-changes';
import { recordedPrograms, recordedText } from '../support/terraform-streams';

/** What the recorded runs were made of. */
const described = [1, 2, 3, 4, 5, 6].flatMap((number) =>
  ['prepare', 'k3s'].map((step) => ({
    ...{ address: `null_resource.server${number}_${step}`, host: `server${number}`, step },
    files: {},
  })),
);
const firstTwo = described.filter(({ host }) => ['server1', 'server2'].includes(host));

describe.each(recordedPrograms)('a plan of %s', (program) => {
  test('reports which steps run for the first time, and which again and why', () => {
    const { steps, any } = plannedChanges(recordedText(program, 'plan.json'), described);
    expect(any).toBe(true);
    expect(steps.filter(({ kind }) => kind !== 'first')).toEqual([
      {
        host: 'server1',
        step: 'prepare',
        kind: 'again',
        triggers: [{ name: 'script', before: 'a', after: 'b' }],
      },
    ]);
    expect(steps.filter(({ kind }) => kind === 'first').map(({ host, step }) => `${host} ${step}`)).toEqual([
      'server1 k3s',
      'server2 k3s',
      ...['server3', 'server4', 'server5', 'server6'].map((host) => `${host} prepare`),
    ]);
  });

  test('reports which steps did not finish last time, and which are no longer described', () => {
    const { steps, dropped } = plannedChanges(recordedText(program, 'second-plan.json'), firstTwo);
    expect(steps.find(({ step }) => step === 'k3s')).toMatchObject({ host: 'server1', kind: 'repeat' });
    expect(dropped.map(({ host }) => host)).toEqual(['server3', 'server4', 'server5', 'server6']);
  });
});

test('added and leaving hosts are recognized by their membership, and a change of only its record is not a step', () => {
  const member = (name: string, actions: string[]) => ({
    address: `terraform_data.membership["${name}"]`,
    change: { actions, before: {}, after: {} },
  });
  const json = JSON.stringify({
    resource_changes: [member('new', ['create']), member('old', ['delete']), member('moved', ['update'])],
  });
  expect(plannedChanges(json, [])).toEqual({
    steps: [],
    joining: ['new'],
    leaving: ['old'],
    leavingServers: [],
    renamed: new Map(),
    dropped: [],
    unconfirmed: [],
    any: true,
  });
  expect(plannedChanges('{}', [])).toMatchObject({ any: false });
});

test.each([
  ['the same machine', 'ssh-ed25519 A', new Map([['server3', 'srv3']])],
  ['another machine at its address', 'ssh-ed25519 B', new Map()],
])('a host that leaves and one that comes are one under another name on %s', (_, key, renamed) => {
  const member = (name: string, actions: string[], before: object | null, after: object | null) => ({
    address: `terraform_data.membership["${name}"]`,
    change: { actions, before, after },
  });
  const at = (host: string, host_key: string) => ({ input: { host: { host, port: 22, host_key } } });
  const json = JSON.stringify({
    resource_changes: [
      member('server1', ['no-op'], at('10.0.0.11', 'ssh-ed25519 C'), at('10.0.0.11', 'ssh-ed25519 C')),
      member('server3', ['delete'], at('10.0.0.13', 'ssh-ed25519 A'), null),
      member('srv3', ['create'], null, at('10.0.0.13', key)),
    ],
  });
  expect(plannedChanges(json, [])).toMatchObject({ leaving: ['server3'], joining: ['srv3'], renamed });
});

test('where the hosts were that leave is known from the state', () => {
  const leaves = (name: string, host: object) => ({
    address: `terraform_data.membership["${name}"]`,
    change: { actions: ['delete'], before: { input: { host } }, after: null },
  });
  const json = JSON.stringify({
    resource_changes: [
      leaves('agent1', { host: '10.0.0.21', port: 2222, bastion_host: '10.0.0.1' }),
      leaves('agent2', { host: '10.0.0.22' }),
      leaves('agent3', {}),
    ],
  });
  expect(plannedChanges(json, []).leavingServers).toEqual([
    { host: 'agent1', address: '10.0.0.21', port: 2222, bastion: '10.0.0.1' },
    { host: 'agent2', address: '10.0.0.22', port: 22 },
  ]);
});

test('the built-in provisioner keeps its triggers under another name', () => {
  const json = JSON.stringify({
    resource_changes: [
      {
        address: 'terraform_data.server1_k3s',
        change: {
          actions: ['delete', 'create'],
          before: { triggers_replace: { version: 'v1', registries: 'x' } },
          after: { triggers_replace: { version: 'v2' } },
        },
      },
    ],
  });
  expect(plannedChanges(json, []).steps[0]?.triggers).toEqual([
    { name: 'registries', before: 'x' },
    { name: 'version', before: 'v1', after: 'v2' },
  ]);
});

test.each([
  ['confirmed by its host', undefined, []],
  ['of a mark that failed: the host did not confirm them', 'replace_because_tainted', ['prepare 1', 'k3s 2']],
])('runs are unconfirmed that the state has and no mark does: %s', (_, reason, expected) => {
  const kept = (address: string, before: object, action_reason?: string) => ({
    address,
    ...(action_reason && { action_reason }),
    change: { actions: action_reason ? ['delete', 'create'] : ['no-op'], before, after: before },
  });
  const json = JSON.stringify({
    resource_changes: [
      kept('null_resource.agent1_prepare[0]', { id: '1', triggers: {} }),
      kept('null_resource.agent1_k3s[0]', { id: '2', triggers: {} }),
      kept('terraform_data.agent1_finished[0]', { triggers_replace: { prepare: '1', k3s: '2' } }, reason),
    ],
  });
  const { unconfirmed, steps } = plannedChanges(json, []);
  expect(unconfirmed.map(({ step, run }) => `${step} ${run}`)).toEqual(expected);
  expect(steps).toEqual([]);
});
