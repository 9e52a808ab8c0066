import { hostsResources } from '../support/hosts-resources';
import { topologyWith } from '../support/hosts-topology';

/** Which steps of these kinds a step waits for. */
function waits(
  byId: ReturnType<typeof hostsResources>,
  id: string,
  kinds = /_(k3s|k3s-binary|load-balancer|database)$/,
) {
  const names = (byId(id).depends_on as string[] | undefined) ?? [];
  return names.map((name) => name.replace('null_resource.', '')).filter((name) => kinds.test(name));
}

/** The same, with what these wait for in turn. */
function waitsInTurn(byId: ReturnType<typeof hostsResources>, id: string, kinds: RegExp): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const each of waits(byId, name, kinds))
      if (!found.has(each)) {
        found.add(each);
        visit(each);
      }
  };
  visit(id);
  return [...found].sort();
}

test('binaries come to all nodes at once', () => {
  const byId = hostsResources(topologyWith());
  for (const host of ['server1', 'server3', 'agent3']) expect(waits(byId, `${host}_k3s-binary`)).toEqual([]);
});

test('servers start one after the other, the first after the database', () => {
  const byId = hostsResources(topologyWith());
  expect(waits(byId, 'server1_k3s').filter((id) => !id.endsWith('binary'))).toEqual(['storage1_database']);
  expect(waits(byId, 'server2_k3s')).toEqual(['server2_k3s-binary', 'server1_k3s', 'storage1_database']);
  expect(waits(byId, 'server3_k3s')).toEqual(['server3_k3s-binary', 'server2_k3s', 'storage1_database']);
});

test('the first restart waits until all servers have the binary, an agent for its own', () => {
  const byId = hostsResources(topologyWith());
  const binaries = (id: string) => waits(byId, id, /-binary$/).map((name) => name.replace('_k3s-binary', ''));
  expect(binaries('server1_k3s')).toEqual(['server1', 'server2', 'server3']);
  expect(binaries('agent1_k3s')).toEqual(['agent1']);
});

test('load balancers come beside the servers, one at a time', () => {
  const byId = hostsResources(topologyWith());
  expect(waits(byId, 'server1_load-balancer')).toEqual(['server1_k3s']);
  expect(waits(byId, 'server2_load-balancer')).toEqual(['server2_k3s', 'server1_load-balancer']);
});

test('agents start when all servers and load balancers are there, and wait for no other agent', () => {
  const byId = hostsResources(topologyWith());
  const before = ['server1', 'server2', 'server3'].flatMap((name) => [
    `${name}_k3s`,
    `${name}_load-balancer`,
  ]);
  const kinds = /_(k3s|load-balancer)$/;
  for (const agent of ['agent1', 'agent2', 'agent3']) {
    expect(waitsInTurn(byId, `${agent}_k3s`, kinds)).toEqual(before);
    expect(waits(byId, `${agent}_k3s`, kinds)).toEqual(['server3_load-balancer']);
  }
  expect(waits(byId, 'server1_nodes')).toEqual(['server3_k3s', 'agent1_k3s', 'agent2_k3s', 'agent3_k3s']);
});

test('definitions are looked after when all servers have been started with them, and nothing waits for it', () => {
  const byId = hostsResources(topologyWith());
  expect(waits(byId, 'server1_definitions')).toEqual(['server3_k3s']);
  for (const id of ['server2_k3s', 'server1_load-balancer', 'agent1_k3s', 'server1_nodes'])
    expect(waits(byId, id, /_definitions$/)).toEqual([]);
});

test('how many agents may restart at once is told to the hosts, and runs no step when it changes', () => {
  const step = (maxUnavailable: number) =>
    hostsResources(topologyWith(`k3s: { version: v1.36.2+k3s1, maxUnavailable: ${maxUnavailable} }`))(
      'agent1_k3s',
    );
  expect(JSON.stringify(step(2).provisioner)).toContain('MAX_UNAVAILABLE');
  expect(step(2).triggers).toEqual(step(1).triggers);
});

test('without a virtual IP there is no load balancer', () => {
  const byId = hostsResources(
    topologyWith(`
api: {}
hosts:
  - { name: all, address: 192.168.10.10, roles: [database, nfs, server] }
`),
  );
  expect(() => byId('all_load-balancer')).toThrow("no resource 'all_load-balancer'");
  expect(waits(byId, 'all_nodes')).toEqual(['all_k3s']);
});

test('artifacts are uploaded by architecture, and again when their checksum file changes', () => {
  const byId = hostsResources(topologyWith('k3s: { version: v1.36.2+k3s1, artifacts: ./artifacts/ }'));
  const step = byId('agent1_k3s-binary');
  expect(JSON.stringify(step.provisioner)).toContain('/artifacts/arm64"');
  expect(Object.keys(step.triggers as object)).toContain('sha256sum-arm64.txt');
});

test('no step of k3s needs more than three connections', () => {
  const byId = hostsResources(topologyWith('k3s: { version: v1.36.2+k3s1, artifacts: artifacts }'));
  const ids = ['server1_k3s-binary', 'server1_k3s', 'server1_load-balancer', 'agent1_k3s', 'server1_nodes'];
  for (const id of ids) {
    const overSsh = (byId(id).provisioner as object[]).filter((each) => !('local-exec' in each));
    expect([id, overSsh.length <= 3]).toEqual([id, true]);
  }
});

test('a label changes only the step of its node and the one that sets labels', () => {
  const hosts = (labels: string) => `
hosts:
  - { name: server1, address: 192.168.10.11, roles: [database, server] }
  - { name: agent1, address: 192.168.10.21, roles: [agent], labels: { ${labels} } }
  - { name: agent2, address: 192.168.10.22, roles: [agent] }
api: {}
`;
  const [before, after] = ['disk: hdd', 'disk: ssd'].map((labels) =>
    hostsResources(topologyWith(hosts(labels))),
  );
  const changed = ['server1_k3s', 'agent1_k3s', 'agent2_k3s', 'server1_nodes'].filter(
    (id) => JSON.stringify(before?.(id).triggers) !== JSON.stringify(after?.(id).triggers),
  );
  expect(changed).toEqual(['agent1_k3s', 'server1_nodes']);
});

test('a hash of registry credentials is taken together with the random token', () => {
  const { registries } = hostsResources(topologyWith())('agent1_k3s').triggers as Record<string, string>;
  expect(registries).toMatchInlineSnapshot(
    `"\${fileexists("\${path.module}/../../../secrets/agents/k3s/registries.yaml") ? sha256("\${file("\${path.module}/../../../secrets/agents/k3s/token")}\${file("\${path.module}/../../../secrets/agents/k3s/registries.yaml")}") : "none"}"`,
  );
});

test('a node gets the files of secrets/k3s/ that its configuration names, checked before and hashed with the token', () => {
  const resources = hostsResources(
    topologyWith(`k3s:
  version: v1.36.2+k3s1
  config:
    vpn-auth-file: /etc/rancher/k3s/secrets/vpn
    kube-apiserver-arg: ['audit-webhook-config-file=/etc/rancher/k3s/secrets/audit.yaml']`),
  );
  const of = (step: string) => {
    const { triggers, lifecycle, provisioner } = resources(step);
    const commands = JSON.stringify(provisioner);
    return {
      triggers: Object.keys(triggers as object).filter((name) => name.startsWith('secrets/')),
      needed: [...JSON.stringify(lifecycle).matchAll(/'(secrets\/[^']*\/files\/[^']*)'/g)].map(
        ([, name]) => name,
      ),
      env: /SECRETS='([^']*)'/.exec(commands)?.[1],
    };
  };
  expect(of('server1_k3s')).toEqual({
    triggers: ['secrets/k3s/audit.yaml', 'secrets/k3s/vpn'],
    needed: ['audit.yaml', 'vpn'].map((name) => `secrets/hosts/server1/k3s/files/${name}`),
    env: 'audit.yaml vpn',
  });
  expect(of('agent1_k3s')).toEqual({
    triggers: ['secrets/k3s/vpn'],
    needed: ['secrets/agents/k3s/files/vpn'],
    env: 'vpn',
  });
  const { triggers } = resources('agent1_k3s') as { triggers: Record<string, string> };
  expect(triggers['secrets/k3s/vpn']).toBe(triggers.registries?.replaceAll('registries.yaml', 'files/vpn'));
});
