import type { HostKeys } from '../../src/model/ssh';
import { GuardedStack, programs, testGuard } from '../support/guarded-stack';
import { scratchFolders } from '../support/scratch';

jest.setTimeout(120_000);
const scratch = scratchFolders();

const hosts = (...names: string[]) => `hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
${names.map((name, index) => `  - { name: ${name}, address: 192.168.10.2${index}, roles: [server] }`).join('\n')}
`;
/** known_hosts: the machines of storage1 and of the servers in their order, each by a letter. */
function keys(machines: string): HostKeys {
  const [storage, ...servers] = machines.split(' ');
  return {
    hostKey: (address) => {
      const machine = address === '192.168.10.10' ? storage : servers[Number(address.slice(-1))];
      return machine && `ssh-ed25519 ${machine.repeat(8)}`;
    },
  };
}

/** A cluster of three servers on the machines A, B and C after an apply, by every program that is there. */
function running(machines = 'S A B C'): GuardedStack[] {
  return programs.map((program) => {
    const guarded = new GuardedStack(scratch(), program, 'host-machines').want(
      hosts('a', 'b', 'c'),
      keys(machines),
    );
    expect(guarded.run('init').status).toBe(0);
    expect(guarded.run('apply')).toMatchObject({ status: 0 });
    return guarded;
  });
}

testGuard('a plan refuses hosts that trade their machines, and says how it is done', () => {
  for (const guarded of running()) {
    const { status, output } = guarded.want(hosts('a', 'b', 'c'), keys('S A C B')).run('plan');
    expect(status).toBe(1);
    expect(output).toContain(
      'Hosts cannot trade machines in one apply (b the one of c, c the one of b, by the SSH host keys',
    );
    expect(output).toContain('take them out of cluster.yaml, deploy, put them in again');
    // Or a new host takes one whose host stays on another.
    const taken = guarded.want(hosts('a', 'b', 'c', 'd'), keys('S A D C B')).run('plan');
    expect(taken).toMatchObject({ status: 1, output: expect.stringContaining('(d the one of b, by') });
    expect(guarded.want(hosts('a'), keys('S A')).run('apply')).toMatchObject({ status: 0 });
    expect(guarded.want(hosts('a', 'b', 'c'), keys('S A C B')).run('apply')).toMatchObject({
      status: 0,
    });
  }
});

testGuard.each([
  ['a new machine behind an old name', hosts('a', 'b', 'c'), 'S A B N'],
  ['a machine under another name', hosts('a', 'b', 'd'), 'S A B C'],
  ['a host that takes the machine of one that leaves', hosts('a', 'b'), 'S A C'],
])('a plan lets %s through', (_, yaml, machines) => {
  for (const guarded of running()) expect(guarded.want(yaml, keys(machines)).run('plan').status).toBe(2);
});

testGuard('machines with one key for all, copies of a system disk, are no trade', () => {
  for (const guarded of running('X X X X')) {
    expect(guarded.run('plan')).toMatchObject({ status: 0 });
    expect(guarded.want(hosts('a', 'b', 'c'), keys('X X X N')).run('plan').status).toBe(2);
    expect(guarded.run('destroy')).toMatchObject({ status: 0 });
  }
});
