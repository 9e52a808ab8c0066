import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { checkScript, keepalivedConfig } from '../../../src/roles/load-balancer/files/keepalived-config';
import { topologyWith } from '../../support/hosts-topology';
import { keepalivedTakes } from '../../support/keepalived-takes';
import { testWith } from '../../support/programs';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();

function configsOf(yaml = ''): string[] {
  const { api, servers } = topologyWith(yaml);
  const { loadBalancer } = api;
  if (!loadBalancer) throw new Error('the cluster has no load balancer');
  return servers.map((server) => keepalivedConfig(loadBalancer, servers, server));
}

const dualStack = `
api: { address: "fd00::5" }
hosts:
  - { name: server1, address: 192.168.10.11, nodeIps: [192.168.10.11, "fd00::11"], roles: [database, server] }
  - { name: server2, address: 192.168.10.12, nodeIps: [192.168.10.12, "fd00::12"], roles: [server] }
`;
const alone = 'hosts: [{ name: server1, address: 192.168.10.11, roles: [database, server] }]';

test('the virtual IP floats over the servers', () => {
  expect(configsOf()[1]).toMatchSnapshot();
});

test('every server has its own priority, and one that fails its check ranks below all others', () => {
  const priorities = configsOf().map((config) => Number(/^ +priority (\d+)/m.exec(config)?.[1]));
  expect(new Set(priorities).size).toBe(3);
  expect(Math.max(...priorities) - 100).toBeLessThan(Math.min(...priorities));
});

test('with an IPv6 address servers talk IPv6', () => {
  const [config] = configsOf(dualStack);
  expect(config).toContain('unicast_src_ip fd00::11');
  expect(config).toContain('fd00::5/128');
});

test('a server alone has no peers to name', () => {
  expect(configsOf(alone)[0]).not.toContain('unicast');
});

/** Whether the step of the load balancer would place the configuration, as the keepalived that is here says. */
function isTaken(config: string): { taken: boolean; said: string } {
  const here = scratch();
  const local = config.replaceAll(checkScript, '/usr/bin/true').replace('keepalived_script', 'nobody');
  writeFileSync(join(here, 'keepalived.conf'), local);
  // What every keepalived knows is an interval of 1.
  const script = `here=${here}\n${keepalivedTakes.replace('/usr/sbin/keepalived', 'keepalived')}\nkeepalived_takes ${ownInterface()} 1 "$here/candidate.conf"`;
  const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  return { taken: status === 0, said: stderr };
}

testWith('keepalived')(
  'keepalived takes the configuration: several servers, IPv6, and one server alone',
  () => {
    for (const config of [...configsOf(), ...configsOf(dualStack), ...configsOf(alone)])
      expect({ ...isTaken(config), config }).toMatchObject({ taken: true, config });
  },
);

testWith('keepalived')('a configuration that keepalived complains about is not placed, and told why', () => {
  const [config = ''] = configsOf();
  const { taken, said } = isTaken(config.replace(/priority \d+/, 'priority 900'));
  expect({ taken, said }).toEqual({
    taken: false,
    said: expect.stringContaining("number '900' outside range"),
  });
});

/** keepalived refuses loopback and what does not exist. */
function ownInterface(): string {
  const found = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ internal }) => !internal),
  );
  if (!found) throw new Error('this machine has no network interface to test with');
  return found[0];
}
