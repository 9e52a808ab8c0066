import { programs, testGuard } from '../support/guarded-stack';
import { NotedStack } from '../support/noted-stack';
import { scratchFolders } from '../support/scratch';

jest.setTimeout(120_000);
const scratch = scratchFolders();

const cluster = (...names: string[]) => `hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
${names.map((name) => `  - { name: ${name}, address: 192.168.10.1${name.slice(-1)}, roles: [server] }`).join('\n')}
`;

testGuard(
  'a host that leaves has left before anything else is done, also where its machine comes back under another name',
  () => {
    for (const program of programs) {
      const stack = new NotedStack(scratch(), program);
      const first = stack.apply(cluster('server1', 'server2', 'server3'));
      expect(first).toContain('server3_k3s');
      const renamed = stack.apply(cluster('server1', 'server2', 'srv3'));
      expect(renamed.slice(0, 2)).toEqual(['server3 leaves', 'server3 has left']);
      // What others must know of it waits too.
      expect(renamed).toEqual(
        expect.arrayContaining(['srv3_prepare', 'srv3_k3s', 'server1_load-balancer', 'server1_nodes']),
      );
      expect(stack.apply(cluster('server1', 'server2')).slice(0, 2)).toEqual([
        'srv3 leaves',
        'srv3 has left',
      ]);
    }
  },
);

const host = (name: string, ...roles: string[]) =>
  `  - { name: ${name}, address: 192.168.10.1${name.slice(-1)}, roles: [${roles.join(', ')}] }\n`;
const of = (hosts: readonly string[], version = 'v1.34.1') =>
  `k3s: { version: ${version}+k3s1 }\nhosts:\n${hosts.join('')}`;
const [a, b, c] = ['a1', 'b2', 'c3'].map((name) => host(name, 'server')) as [string, string, string];
const data = host('d4', 'database');

testGuard.each<[string, string, string]>([
  [
    'servers change their places in cluster.yaml with an upgrade',
    of([data, a, b, c]),
    of([data, c, b, a], 'v1.34.2'),
  ],
  [
    'agents do',
    of([data, a, host('e5', 'agent'), host('f6', 'agent')]),
    of([data, a, host('f6', 'agent'), host('e5', 'agent')], 'v1.34.2'),
  ],
  [
    'a server becomes an agent with an upgrade',
    of([data, a, b, c]),
    of([data, a, host('b2', 'agent'), c], 'v1.34.2'),
  ],
  [
    'an agent becomes a server with an upgrade',
    of([data, a, host('b2', 'agent'), c]),
    of([data, a, b, c], 'v1.34.2'),
  ],
  [
    'database hosts change their places with an upgrade',
    of([host('d4', 'database'), host('e5', 'database'), a, b]),
    of([host('e5', 'database'), host('d4', 'database'), b, a], 'v1.34.2'),
  ],
])('%s: what Terraform calls a cycle is none', (_, before, after) => {
  for (const program of programs) {
    const stack = new NotedStack(scratch(), program);
    stack.apply(before);
    expect(stack.apply(after)).toContain('a1_k3s');
    expect(stack.apply(before)).toContain('a1_k3s');
  }
});

testGuard('what an old machine left is removed before the new one joins, after a failure too', () => {
  const agents = [host('e5', 'agent'), host('f6', 'agent')];
  const key = (other: string) => ({
    hostKey: (address: string) => `ssh-ed25519 ${address.endsWith('.15') ? other : 'AAAA'}`,
  });
  for (const program of programs) {
    const stack = new NotedStack(scratch(), program);
    stack.apply(of([data, a, host('e5', 'agent')]));
    expect(stack.apply(of([data, a, ...agents]))).not.toContain('a1_replaced-nodes');

    // Terraform has changed the member in its state by then.
    const upgrade = of([data, a, ...agents], 'v1.34.2');
    const failed = stack.apply(upgrade, undefined, { hostKeys: key('BBBB'), failing: 'a1_k3s' });
    expect(failed).toContain('e5_prepare');
    expect(failed).not.toContain('a1_replaced-nodes');
    const steps = stack.apply(upgrade, undefined, { hostKeys: key('BBBB') });
    expect(steps).toContain('a1_replaced-nodes');
    expect(steps.indexOf('a1_replaced-nodes')).toBeLessThan(steps.indexOf('e5_k3s'));
    expect(stack.apply(upgrade, undefined, { hostKeys: key('BBBB') })).toEqual([]);
    expect(stack.apply(upgrade, undefined, { hostKeys: key('CCCC') })).toContain('a1_replaced-nodes');
  }
});
