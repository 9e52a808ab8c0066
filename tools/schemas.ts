// Writes what Kubernetes and the kinds of others take, from their own sources:
//
//     npm run schemas -- KUBERNETES… CRDS…
//
// KUBERNETES are trees of its sources, one a minor release: `go mod download -json k8s.io/kubernetes@v1.36.3` names one.
// CRDS are files or folders with CustomResourceDefinitions (`config/crd/bases`, `deploy/crds`, …). MetalLB's are our own.
// Without trees of Kubernetes only the kinds of others are written, and the other way round.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { customText, documentsOf } from './schemas/custom';
import { kubernetesText, type Release } from './schemas/kubernetes';

const root = join(__dirname, '..');
const target = join(root, 'src', 'kubernetes');
const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error('usage: npm run schemas -- KUBERNETES… CRDS…');
  process.exit(2);
}
const swagger = 'api/openapi-spec/swagger.json';
const generated = 'pkg/generated/openapi/zz_generated.openapi.go';

const trees = paths.filter((path) => existsSync(join(path, swagger)));
if (trees.length > 0) write('kubernetes.schema.txt', kubernetesText(trees.map(release)));
const others = paths.filter((path) => !trees.includes(path));
if (others.length > 0) {
  const own = join(root, 'src/cluster/metallb/crds');
  const files = [own, join(root, 'src/cluster/manifest-set.crd.yaml'), ...others].flatMap(yamlFiles);
  write('custom.schema.txt', customText(files.flatMap((file) => documentsOf(readFileSync(file, 'utf8')))));
}

function release(tree: string): Release {
  const [, version = ''] = /@v(1\.\d+\.\d+)/.exec(basename(tree)) ?? [];
  const { definitions } = JSON.parse(readFileSync(join(tree, swagger), 'utf8'));
  if (version === '') throw new Error(`${tree}: its name has no @v1.x.y`);
  return { version, definitions, source: readFileSync(join(tree, generated), 'utf8') };
}

function yamlFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || /\.ya?ml$/.test(entry.name))
    .flatMap((entry) => yamlFiles(join(path, entry.name)))
    .sort();
}

function write(name: string, text: string): void {
  writeFileSync(join(target, name), text);
  console.log(`${name}: ${text.split('\n').length - 1} lines, ${text.length} bytes`);
}
