import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { networkInterfaces, userInfo } from 'node:os';
import { join } from 'node:path';
import {
  checkScript,
  interfacePlaceholder,
  intervalPlaceholder,
  keepalivedConfig,
} from '../../../src/roles/load-balancer/files/keepalived-config';
import { topologyWith } from '../../support/hosts-topology';
import { findProgram, testWith } from '../../support/programs';
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

test('every server has a priority of its own, and one that fails its check is behind all others', () => {
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

testWith('keepalived')(
  'keepalived takes the configuration: several servers, IPv6, and one server alone',
  () => {
    const folder = scratch();
    const file = join(folder, 'keepalived.conf');
    for (const config of [...configsOf(), ...configsOf(dualStack), ...configsOf(alone)]) {
      const local = config
        .replaceAll(interfacePlaceholder, ownInterface())
        // What every keepalived knows.
        .replace(intervalPlaceholder, '1')
        .replaceAll(checkScript, '/usr/bin/true')
        .replace('keepalived_script', userInfo().username);
      writeFileSync(file, local);
      const { status, stderr } = spawnSync(findProgram('keepalived') ?? '', ['-t', '-f', file], {
        encoding: 'utf8',
      });
      expect({ status, stderr, config }).toEqual({ status: 0, stderr, config });
    }
  },
);

/** keepalived refuses loopback and what does not exist. */
function ownInterface(): string {
  const found = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ internal }) => !internal),
  );
  if (!found) throw new Error('this machine has no network interface to test with');
  return found[0];
}
