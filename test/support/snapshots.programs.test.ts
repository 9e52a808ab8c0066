import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTree, scratchFolders } from './scratch';

const scratch = scratchFolders();

const support = (name: string) => JSON.stringify(join(__dirname, name));
const readTexts = `JSON.parse(require('node:fs').readFileSync('texts.json', 'utf8'))`;

const plain = `
const { keepSnapshotsIn, PlainText } = require(${support('plain-snapshots')});
const { SnapshotFiles } = require(${support('snapshot-files')});

keepSnapshotsIn(new SnapshotFiles('snapshots', 'a'));
test.each(Object.entries(${readTexts}))('%s', (_, text) => {
  expect(new PlainText(text)).toMatchSnapshot();
});
`;

/** A project with test files. */
class Suite {
  readonly folder = scratch();

  constructor(files: Record<string, string>) {
    const options = { jsc: { parser: { syntax: 'typescript' } } };
    const config = { rootDir: this.folder, transform: { '\\.ts$': [require.resolve('@swc/jest'), options] } };
    this.write('jest.config.json', JSON.stringify(config));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  snapshots(folder = 'snapshots'): Record<string, string> {
    return readTree(join(this.folder, folder));
  }

  /** What jest counts, and what it says. */
  run(texts: Record<string, string>, ...options: string[]) {
    this.write('texts.json', JSON.stringify(texts));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [require.resolve('jest/bin/jest'), '--json', ...options],
      { cwd: this.folder, encoding: 'utf8', env: { ...process.env, CI: '', FORCE_COLOR: '0' } },
    );
    const { snapshot } = JSON.parse(stdout);
    const { added, matched, unmatched, updated, unchecked } = snapshot;
    return { passed: status === 0, counts: { added, matched, unmatched, updated, unchecked }, said: stderr };
  }
}

const none = { added: 0, matched: 0, unmatched: 0, updated: 0, unchecked: 0 };
const texts = { 'a/x': '`${one}`\\n\n', 'a/y': 'two\n\nthree\n', 'b/x': '`${one}`\\n\n' };
const files = { 'a/x': texts['a/x'], 'a/y': texts['a/y'], 'b/shared.txt': 'x = a/x\n' };

function reviewed(): Suite {
  const suite = new Suite({ 'plain.test.js': plain });
  const { passed, counts } = suite.run(texts);
  expect({ passed, counts }).toEqual({ passed: true, counts: { ...none, added: 3 } });
  expect(suite.snapshots()).toEqual(files);
  return suite;
}

test('a new snapshot is written, and in CI it fails', () => {
  const suite = reviewed();
  expect(suite.run(texts, '--ci').counts).toEqual({ ...none, matched: 3 });
  const { passed, said } = suite.run({ ...texts, 'b/new': 'new\n' }, '--ci');
  expect(passed).toBe(false);
  expect(said).toContain('New snapshot was not written');
  expect(suite.snapshots()).toEqual(files);
});

test('a changed text fails with its name and its lines, until -u', () => {
  const suite = reviewed();
  const changed = { ...texts, 'b/x': '`${other}`\\n\n' };
  const { passed, counts, said } = suite.run(changed);
  expect({ passed, counts }).toEqual({ passed: false, counts: { ...none, matched: 2, unmatched: 1 } });
  expect(said).toContain('● b/x');
  expect(said).toMatch(/^ *- `\$\{one\}`\\n\n *\+ `\$\{other\}`\\n$/m);
  expect(suite.snapshots()).toEqual(files);

  expect(suite.run(changed, '-u')).toMatchObject({ passed: true, counts: { matched: 2, updated: 1 } });
  expect(suite.snapshots()).toEqual({ 'a/x': texts['a/x'], 'a/y': texts['a/y'], 'b/x': changed['b/x'] });
});

test('what nobody makes any more is obsolete, until -u', () => {
  const suite = reviewed();
  const { 'a/x': _, ...left } = texts;
  const { passed, counts, said } = suite.run(left);
  expect({ passed, counts }).toEqual({ passed: false, counts: { ...none, matched: 2, unchecked: 1 } });
  expect(said).toMatch(/obsolete[\s\S]*• a\/x 1/);
  expect(suite.snapshots()).toEqual(files);

  expect(suite.run(left, '-u').passed).toBe(true);
  expect(suite.snapshots()).toEqual({ 'a/y': texts['a/y'], 'b/x': texts['b/x'] });
});

test('a run of some tests leaves the snapshots of the others', () => {
  const suite = reviewed();
  expect(suite.run(texts, '-t', 'a/y', '-u')).toMatchObject({
    passed: true,
    counts: { ...none, matched: 1 },
  });
  expect(suite.snapshots()).toEqual(files);
});

test('a file at a wrong place is obsolete, until -u', () => {
  const suite = reviewed();
  suite.write('snapshots/b/x', texts['b/x']);
  const { passed, said } = suite.run(texts, '--ci');
  expect(passed).toBe(false);
  expect(said).toContain('• file b/x 1');
  expect(suite.run(texts, '-u').passed).toBe(true);
  expect(suite.snapshots()).toEqual(files);
});

describe('files that run together', () => {
  const file = (name: string) => `
describe('${name}', () => {
  for (const [title, text] of Object.entries(${readTexts}))
    if (title.startsWith('${name}')) test(title, () => expect({ text }).toMatchSnapshot());
});
`;
  const together = `
const { join } = require('node:path');
const { useSnapshotsOf } = require(${support('snapshots-of-file')});
for (const file of ['one.test.js', 'two.test.js'])
  describe(file, () => {
    useSnapshotsOf(join(__dirname, file), file);
    require('./' + file);
  });
`;
  const texts = { 'one a': '1', 'one b': '2', 'two a': '3' };
  const [alone, all] = [['--ci'], ['--testMatch', '**/together.js', '--ci']];

  function made(): Suite {
    const suite = new Suite({
      'one.test.js': file('one'),
      'two.test.js': file('two'),
      'together.js': together,
    });
    expect(suite.run(texts).counts).toEqual({ ...none, added: 3 });
    return suite;
  }

  test('have the same snapshots at the same place as by themselves', () => {
    const suite = made();
    const before = suite.snapshots('__snapshots__');
    expect(Object.keys(before)).toEqual(['one.test.js.snap', 'two.test.js.snap']);
    expect(suite.run(texts, ...all)).toMatchObject({ passed: true, counts: { ...none, matched: 3 } });
    expect(suite.snapshots('__snapshots__')).toEqual(before);
  });

  test('report what is changed and what is obsolete, until -u', () => {
    const suite = made();
    const changed = { 'one a': '1', 'two a': '4', 'two b': '5' };
    const { passed, counts, said } = suite.run(changed, ...all);
    expect({ passed, counts }).toEqual({
      passed: false,
      counts: { ...none, matched: 1, unmatched: 2, unchecked: 1 },
    });
    expect(said).toContain('● two.test.js › two › two a');
    expect(said).toContain('• one.test.js one one b 1');

    expect(suite.run(changed, ...all, '-u')).toMatchObject({
      passed: true,
      counts: { added: 1, matched: 1, updated: 1 },
    });
    expect(suite.run(changed, ...alone)).toMatchObject({ passed: true, counts: { ...none, matched: 3 } });
  });

  test('leave the snapshots of tests that do not run', () => {
    const suite = made();
    const before = suite.snapshots('__snapshots__');
    expect(suite.run(texts, ...all, '-u', '-t', 'one a')).toMatchObject({
      passed: true,
      counts: { ...none, matched: 1 },
    });
    expect(suite.snapshots('__snapshots__')).toEqual(before);
  });
});
