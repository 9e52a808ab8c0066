import { existsSync, readFileSync } from 'node:fs';

const lines = readFileSync('Containerfile', 'utf8')
  .replaceAll(/\\\n */g, '')
  .split('\n');
const argumentsOf = (instruction: string) =>
  lines
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1));

test('the image is made of others that are pinned by version and digest', () => {
  const pinned = /^[a-z0-9.]+\/[a-z0-9/-]+:v?\d+\.\d+\.\d+[a-z-]*@sha256:[0-9a-f]{64}( AS [a-z]+)?$/;
  expect(argumentsOf('FROM').filter((base) => !pinned.test(base))).toEqual([]);
});

test('what is copied into the image is there, and named: a folder may have secrets of a cluster', () => {
  const sources = argumentsOf('COPY')
    .filter((copy) => !copy.startsWith('--from'))
    .flatMap((copy) => copy.split(' ').slice(0, -1));
  expect(sources.length).toBeGreaterThan(5);
  expect(sources.filter((source) => source === '.' || !existsSync(source))).toEqual([]);
});

test('the image has everything that npm packs', () => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
  const copied = argumentsOf('COPY').flatMap((copy) => copy.split(' '));
  // lib is made there.
  expect(files.filter((file) => file !== 'lib' && !copied.includes(file))).toEqual([]);
});

test('the image runs the program as a user without rights', () => {
  expect(argumentsOf('USER')).toEqual(['node']);
  expect(lines.indexOf('USER node')).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('RUN ')));
  expect(argumentsOf('ENTRYPOINT')).toEqual(['["k3s-cdk"]']);
});
