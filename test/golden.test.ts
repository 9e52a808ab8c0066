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

test('dist/ in the repository is the output of cluster.yaml', () => {
  const now = Object.fromEntries(outputsOf('cluster.yaml').cluster);
  expect(existsSync('dist') ? readTree('dist') : {}).toEqual(now);
});
