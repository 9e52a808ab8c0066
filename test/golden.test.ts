import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { outputsOf } from './support/example-outputs';
import { examples } from './support/examples';
import { hostsText } from './support/hosts-text';
import { readTree } from './support/scratch';

// `npm run golden` writes what the tests compare with; the diff is what there is to review.
const update = process.env.UPDATE_GOLDEN === '1';

test.each(examples)('the outputs of %s are the ones reviewed', (name, file) => {
  const folder = join('test/golden', name);
  const { hosts, cluster } = outputsOf(file);
  const now = {
    ...prefixed('dist', cluster),
    ...prefixed('hosts', hostsText(hosts)),
  };
  if (update) replaceTree(folder, now);
  const reviewed = readTree(folder);
  expect(Object.keys(now).sort()).toEqual(Object.keys(reviewed));
  for (const [path, text] of Object.entries(now))
    expect({ path, text }).toEqual({ path, text: reviewed[path] });
});

test('dist/ in the repository is the output of cluster.yaml', () => {
  const now = Object.fromEntries(outputsOf('cluster.yaml').cluster);
  expect(existsSync('dist') ? readTree('dist') : {}).toEqual(now);
});

function prefixed(folder: string, files: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...files].map(([path, text]) => [join(folder, path), text]));
}

function replaceTree(folder: string, files: Record<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
