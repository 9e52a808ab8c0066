import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { outputsOf } from './support/example-outputs';
import { textsOf } from './support/example-texts';
import { examples } from './support/examples';
import { keepSnapshotsIn, PlainText } from './support/plain-snapshots';
import { readTree } from './support/scratch';
import { SnapshotFiles } from './support/snapshot-files';

keepSnapshotsIn(new SnapshotFiles('test/golden', 'reference'));

const texts = examples.flatMap(([name, file]) =>
  [...textsOf(file)].map(([path, text]) => [join(name, path), text] as const),
);

test.each(texts)('%s', (_, text) => {
  // Jest takes all line breaks for the same.
  expect(text).not.toContain('\r');
  expect(new PlainText(text)).toMatchSnapshot();
});

test.each([
  ['dist', outputsOf('cluster.yaml').cluster],
  ['hosts', outputsOf('cluster.yaml').text],
] as const)('%s/ in the repository is the output of cluster.yaml', (folder, tree) => {
  // Jest's own reader of files leaves out how scripts begin.
  const there = Object.entries(existsSync(folder) ? readTree(folder) : {}).map(([path, text]) => [
    path,
    text.replace(/^(#.*\n)#!.*/, '$1'),
  ]);
  expect(Object.fromEntries(there)).toEqual(Object.fromEntries(tree));
});
