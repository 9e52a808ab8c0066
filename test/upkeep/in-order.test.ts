import { inOrder, type Stage } from '../../src/upkeep/in-order';
import { layers, primaryLast } from '../../src/upkeep/layers';
import { UserError } from '../../src/user-error';
import { topologyWith } from '../support/hosts-topology';

const topology = topologyWith();
const named = (...names: string[]) => topology.hosts.filter(({ name }) => names.includes(name));
const stage = (name: string, atOnce: number, ...hosts: string[]): Stage => ({
  name,
  hosts: named(...hosts),
  atOnce,
});
const stages = [stage('servers', 1, 'server1', 'server2'), stage('agents', 2, 'agent1', 'agent2', 'agent3')];

/** What began and ended, in order, and the outcome by names. */
async function run(changes: Partial<Parameters<typeof inOrder>[1]> & { readonly failing?: string } = {}) {
  const events: string[] = [];
  const outcome = await inOrder(stages, {
    work: async ({ name }) => {
      events.push(`${name} begins`);
      await new Promise(setImmediate);
      if (name === changes.failing) throw new UserError(`${name} is stuck`);
      events.push(`${name} ends`);
    },
    onStage: ({ name }) => events.push(name),
    stopped: () => false,
    ...changes,
  });
  return {
    events,
    done: outcome.done.map(({ name }) => name),
    failed: outcome.failed.map(({ reason }) => reason),
    left: outcome.left.map(({ name }) => name),
  };
}

test('a stage begins when all of the one before have ended, and no more work at once than may', async () => {
  const { events, done } = await run();
  expect(events).toEqual(
    [
      ['servers', 'server1 begins', 'server1 ends', 'server2 begins', 'server2 ends'],
      [
        'agents',
        'agent1 begins',
        'agent2 begins',
        'agent1 ends',
        'agent3 begins',
        'agent2 ends',
        'agent3 ends',
      ],
    ].flat(),
  );
  expect(done).toEqual(['server1', 'server2', 'agent1', 'agent2', 'agent3']);
});

test('after a host that fails none begins, and those that have begun end', async () => {
  expect(await run({ failing: 'server1' })).toMatchObject({
    events: ['servers', 'server1 begins'],
    failed: ['server1 is stuck'],
    left: ['server2', 'agent1', 'agent2', 'agent3'],
  });
  expect(await run({ failing: 'agent1' })).toMatchObject({
    done: ['server1', 'server2', 'agent2'],
    left: ['agent3'],
  });
});

test('others follow a host that fails where that is wanted', async () => {
  expect(await run({ failing: 'server1', goOn: true })).toMatchObject({
    done: ['server2', 'agent1', 'agent2', 'agent3'],
    failed: ['server1 is stuck'],
    left: [],
  });
});

test('whoever stops it gets the hosts that have begun finished', async () => {
  let calls = 0;
  const { events, left } = await run({ stopped: () => ++calls > 2 });
  expect(events).toEqual(['servers', 'server1 begins', 'server1 ends']);
  expect(left).toEqual(['server2', 'agent1', 'agent2', 'agent3']);
});

test('a host belongs to what others need first, and the primary is the last of its kind', () => {
  const small = topologyWith(`
hosts:
  - { name: all, address: 192.168.10.10, roles: [server, database] }
  - { name: nas, address: 192.168.10.11, roles: [nfs, agent] }
  - { name: server2, address: 192.168.10.12, roles: [server] }`);
  const found = Object.values(layers(small, small.hosts)).map((hosts) => hosts.map(({ name }) => name));
  expect(found).toEqual([['all'], ['nas'], ['server2'], []]);
  expect(primaryLast(named('server1', 'server2'), 'server1').map(({ name }) => name)).toEqual([
    'server2',
    'server1',
  ]);
});
