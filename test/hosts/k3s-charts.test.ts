import { hostsResources } from '../support/hosts-resources';
import { topologyWith } from '../support/hosts-topology';

const airGap = 'k3s: { version: v1.36.2+k3s1, artifacts: ./artifacts }\naddons: { certManager: {} }\n';

test('in air gap every server gets the chart archives before k3s starts, and a change of one is a trigger', () => {
  const byId = hostsResources(topologyWith(airGap));
  const { triggers, depends_on, provisioner } = byId('server2_k3s-charts');
  expect(Object.keys(triggers as object)).toContainEqual(
    expect.stringMatching(/^cert-manager-v[\d.]+\.tgz$/),
  );
  expect(JSON.stringify(provisioner)).toContain('${path.module}/../../../artifacts/charts');
  expect(depends_on).toContain('null_resource.server2_prepare');
  expect(byId('server2_k3s').depends_on).toContain('null_resource.server2_k3s-charts');
});

test('where hosts download, charts come from their repositories', () => {
  const byId = hostsResources(topologyWith('addons: { certManager: {} }'));
  expect(() => byId('server1_k3s-charts')).toThrow("no resource 'server1_k3s-charts'");
});
