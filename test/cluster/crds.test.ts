import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metallbCrds } from '../../src/cluster/metallb/crds';
import { KubernetesSchemas } from '../../src/kubernetes/schemas';
import { crds, violationsOfCustom } from '../support/custom-resource-schema';
import { beforeOf, objectOf, samples } from './custom-resources';

test.each(samples)('$kind: $what is judged as MetalLB does', (sample) => {
  const { before, accepted } = sample;
  const violations = violationsOfCustom(
    objectOf(sample),
    before === undefined ? undefined : objectOf(beforeOf(sample)),
  );
  expect({ accepted: violations.length === 0, violations }).toEqual({
    accepted,
    violations: accepted ? [] : expect.anything(),
  });
});

test('every CRD is in the text for the servers', () => {
  const folder = 'src/cluster/metallb/crds';
  const names = readdirSync(folder).map(
    (file) => /^ {2}name: (.*)$/m.exec(readFileSync(join(folder, file), 'utf8'))?.[1],
  );
  expect(crds.map(({ metadata }) => metadata.name).sort()).toEqual(names.sort());
});

test('CRDs are valid CustomResourceDefinitions', () => {
  const schemas = new KubernetesSchemas('v1.36.2+k3s1');
  expect(crds.flatMap((crd) => schemas.check(crd))).toEqual([]);
});

test('CRDs do not carry the label by which manifests are pruned', () => {
  expect(metallbCrds).not.toContain('managed-by');
});

test('the typed imports are made from the CRDs: otherwise run `npm run import`', () => {
  const folder = 'src/cluster/metallb/crds';
  const text = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('---\n');
  const hash = createHash('sha256').update(text).digest('hex');
  expect(readFileSync('imports/metallb.io.ts', 'utf8').split('\n', 1)[0]).toBe(
    `// Made from CRDs with sha256 ${hash}`,
  );
});
