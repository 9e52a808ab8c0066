import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiCaFile, haproxyConfig } from '../../../src/roles/load-balancer/files/haproxy-config';
import { topologyWith } from '../../support/hosts-topology';
import { findProgram, testWith } from '../../support/programs';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();

function configOf(yaml = ''): string {
  const { api, servers } = topologyWith(yaml);
  if (!api.loadBalancer) throw new Error('the cluster has no load balancer');
  return haproxyConfig(api.loadBalancer, servers);
}

test('the API is forwarded to every server that is ready', () => {
  expect(configOf()).toMatchSnapshot();
});

test('connections may be silent for as long as cluster.yaml says', () => {
  const config = configOf('api: { address: 192.168.10.5, idleTimeout: 30m }');
  expect(config.match(/^ +timeout (client|server) 30m$/gm)).toHaveLength(2);
});

test('a cluster with IPv6 is reachable over both families', () => {
  expect(configOf('api: { address: "fd00::5" }')).toContain('bind :::6443 v4v6');
});

testWith('haproxy', 'openssl')('haproxy takes the configuration, for IPv4 and IPv6', () => {
  const folder = scratch();
  const ca = join(folder, 'ca.crt');
  execFileSync(
    'openssl',
    [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=k3s-server-ca -keyout'.split(
        ' ',
      ),
      join(folder, 'ca.key'),
      '-out',
      ca,
    ],
    { stdio: 'ignore' },
  );
  const file = join(folder, 'haproxy.cfg');
  for (const yaml of ['', 'api: { address: "fd00::5" }']) {
    writeFileSync(file, configOf(yaml).replace(apiCaFile, ca).replace('/run/haproxy', folder));
    const { status, stderr } = spawnSync(findProgram('haproxy') ?? '', ['-c', '-q', '-f', file], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }
});
