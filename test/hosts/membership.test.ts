import type { Topology } from '../../src/model/topology';
import { hostsConfiguration, hostsResources } from '../support/hosts-resources';
import { topologyWith } from '../support/hosts-topology';

interface Member {
  readonly node: boolean;
  readonly host: Record<string, unknown>;
  readonly removers: readonly Record<string, unknown>[];
}

function membership(yaml = '', change = (topology: Topology) => topology) {
  const topology = change(topologyWith(yaml));
  const resource = hostsResources(topology)('membership');
  // Terraform evaluates a literal anew for each of its instances: a fleet's plan would take hosts times hosts.
  expect(resource.for_each).toBe('${local.members}');
  return {
    members: hostsConfiguration(topology).locals.members as Record<string, Member>,
    provisioners: (resource.provisioner as Record<string, Record<string, unknown>>[]).map(
      (provisioner) => provisioner['remote-exec'] ?? {},
    ),
  };
}

test('every host is a member, and nodes are distinguished', () => {
  const { members } = membership();
  expect(Object.entries(members).map(([name, { node }]) => [name, node])).toEqual([
    ['storage1', false],
    ['server1', true],
    ['server2', true],
    ['server3', true],
    ['agent1', true],
    ['agent2', true],
    ['agent3', true],
  ]);
});

test('a node is removed by two other servers, nodes by all of them, and another node changes nothing', () => {
  const fleet = (count: number) => {
    const host = (name: string, number: number, role: string) =>
      `  - { name: ${name}, address: 192.168.10.${number}, roles: [${role}] }`;
    const { members } = membership(
      [
        'hosts:',
        host('storage1', 10, 'database'),
        ...[1, 2, 3].map((number) => host(`server${number}`, 10 + number, 'server')),
        ...Array.from({ length: count }, (_, index) => host(`agent${index + 1}`, 21 + index, 'agent')),
      ].join('\n'),
    );
    return (name: string) => members[name]?.removers.map(({ host }) => host) ?? [];
  };
  const [removers, later] = [fleet(20), fleet(21)];
  const agents = Array.from({ length: 20 }, (_, index) => `agent${index + 1}`);
  for (const name of [...agents, 'server1']) {
    expect(new Set(removers(name)).size).toBe(2);
    expect(later(name)).toEqual(removers(name));
  }
  expect([...removers('server1')].sort()).toEqual(['192.168.10.12', '192.168.10.13']);
  const first = agents.map((name) => removers(name)[0]);
  for (const server of ['192.168.10.11', '192.168.10.12', '192.168.10.13'])
    expect(first.filter((each) => each === server).length).toBeGreaterThan(2);
});

test('it acts only when a host leaves, and a dead host is no reason to fail', () => {
  const { provisioners } = membership();
  expect(provisioners.map(({ when, on_failure }) => [when, on_failure])).toEqual(
    provisioners.map(() => ['destroy', 'continue']),
  );
});

test('destroy provisioners refer to nothing but their own input', () => {
  const { provisioners } = membership();
  const references = JSON.stringify(provisioners).match(/\b(var|local|path|each|data|null_resource)\./g);
  expect(references).toBeNull();
});

test('a changed input replaces nothing, or every host would be taken apart', () => {
  const resource = hostsResources(topologyWith())('membership');
  expect(resource).toMatchObject({ input: '${each.value}' });
  expect(resource).not.toHaveProperty('triggers_replace');
});

test('a key is read when Terraform connects, and not stored', () => {
  const { members, provisioners } = membership('ssh: { user: pi, privateKey: ~/.ssh/id_ed25519 }');
  expect(members.agent1?.host).toMatchObject({ private_key: '~/.ssh/id_ed25519' });
  expect(provisioners[0]?.connection).toMatchObject({
    private_key: expect.stringContaining('file(pathexpand(self.input.removers[0].private_key))'),
  });
});

test('a key of the SSH agent is named, and not read', () => {
  const { members, provisioners } = membership('ssh: { user: pi, privateKey: ~/.ssh/id_ed25519.pub }');
  expect(members.agent1?.host).toMatchObject({ agent_key: '~/.ssh/id_ed25519.pub' });
  expect(members.agent1?.host).not.toHaveProperty('private_key');
  expect(provisioners[0]?.connection).toMatchObject({
    agent_identity: expect.stringContaining('pathexpand(self.input.removers[0].agent_key)'),
  });
});

test("a key's path is text to Terraform, whatever is in it", () => {
  const { members } = membership('', ({ hosts, ...rest }) => ({
    ...rest,
    hosts: hosts.map((host) => ({ ...host, ssh: { ...host.ssh, privateKey: 'keys/${path.cwd}' } })),
  }));
  expect(members.agent1?.host).toMatchObject({ private_key: '../../../keys/$${path.cwd}' });
});

test('k3s restarts only when whoever leaves has left: a single server elects no leader', () => {
  const resources = hostsResources(topologyWith());
  const needs = (name: string): string[] => {
    const direct = ((resources(name).depends_on as string[] | undefined) ?? []).map(
      (address) => address.split('.')[1] ?? '',
    );
    return [...direct, ...direct.flatMap(needs)];
  };
  expect(needs('server1_k3s')).toContain('membership');
});
