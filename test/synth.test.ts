import { loadConfig } from '../src/config/load';
import { resolve } from '../src/model/resolve';
import { synth } from '../src/synth';

test('the reference cluster has both outputs', () => {
  const { config, issues } = loadConfig('cluster.yaml');
  if (!config) throw new Error(JSON.stringify(issues));
  const outputs = synth(resolve(config));
  expect(outputs.hosts.has('stacks/hosts/cdk.tf.json')).toBe(true);
  expect(outputs.cluster.size).toBeGreaterThan(0);
});
