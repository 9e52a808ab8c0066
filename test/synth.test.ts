import { loadConfig } from '../src/config/load';
import { resolve } from '../src/model/resolve';
import { synth } from '../src/synth';
import { topologyWith } from './support/topology';

test('the reference cluster has both outputs', () => {
  const { config, issues } = loadConfig('cluster.yaml');
  if (!config) throw new Error(JSON.stringify(issues));
  const outputs = synth(resolve(config));
  expect(outputs.hosts.has('stacks/hosts/cdk.tf.json')).toBe(true);
  expect(outputs.cluster.size).toBeGreaterThan(0);
});

test('keys that every object of JavaScript has are keys like others', () => {
  const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];
  const map = `{ ${names.map((name) => `${name}: mine`).join(', ')} }`;
  const { hosts, cluster } = synth(
    topologyWith(
      `k3s: { version: v1.36.2+k3s1, config: { constructor: mine } }
addons: { certManager: { values: ${map}, issuers: [{ name: dns, acme: { email: a@example.net, dns01: { webhook: { config: ${map} } } } }] } }
metallb: { pools: [{ name: lan, addresses: [192.168.10.200/30], labels: { toString: mine, valueOf: mine } }] }`,
      [`{ name: agent3, address: 192.168.10.23, roles: [agent], labels: ${map} }`],
    ),
  );
  const [onHosts, inCluster] = [hosts, cluster].map((tree) => [...tree.values()].join('\n'));
  // The only one that has the form of a key of k3s.
  expect(onHosts).toContain('constructor: \\"mine\\"');
  for (const name of names) {
    expect(onHosts).toContain(`${name}=mine`);
    expect(inCluster).toContain(`${name}: mine`);
  }
});
