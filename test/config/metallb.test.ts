import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../src/config/load';
import { renderIssues } from '../../src/config/render';
import { askParser, hasParser, noParser, questionOf } from '../support/metallb-parser';
import { testWhen } from '../support/needs';
import { randomHosts, randomMetallb } from '../support/random-metallb';

// What MetalLB refuses is an error here, and nothing else is. The first line of every file says what MetalLB 0.16's own
// parser makes of it; the text beside it is what the user reads. `UPDATE_FIXTURES=1 npx jest config/metallb` writes the
// texts anew.

const folder = join(__dirname, '..', 'fixtures', 'metallb');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

function verdictOf(text: string): 'accepted' | 'refused' {
  const [, verdict] = /^# MetalLB \([\w-]+\): (accepted|refused)/.exec(text) ?? [];
  if (verdict !== 'accepted' && verdict !== 'refused')
    throw new Error('the first line does not say a verdict');
  return verdict;
}

test.each(files)('%s is judged as MetalLB judged it, in the words beside it', (file) => {
  const source = readFileSync(join(folder, file), 'utf8');
  const { config, issues, sources } = parseConfig(source, file);
  const text = `${renderIssues(issues, sources.textOf, { color: false })}\n`;
  const beside = join(folder, `${basename(file, '.yaml')}.txt`);
  if (process.env.UPDATE_FIXTURES) writeFileSync(beside, text);

  expect(config === undefined ? 'refused' : 'accepted').toBe(verdictOf(source));
  expect(text).toBe(existsSync(beside) ? readFileSync(beside, 'utf8') : undefined);
});

testWhen(hasParser, noParser)("MetalLB's own parser still judges every file as recorded", () => {
  const sources = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  const answers = askParser(
    sources.map((source) => {
      const { metallb, hosts } = parse(source);
      return questionOf(metallb, hosts);
    }),
  );
  const judged = answers.map(
    ({ parser, crds = [] }, index) =>
      `${files[index]}: ${parser === undefined && crds.length === 0 ? 'accepted' : 'refused'}`,
  );
  expect(judged).toEqual(files.map((file, index) => `${file}: ${verdictOf(sources[index] ?? '')}`));
});

testWhen(hasParser, noParser)(
  "random sections are refused exactly when MetalLB's own parser or its CRDs refuse them",
  () => {
    const runs = { seed: 20261129, numRuns: Number(process.env.METALLB_RUNS ?? 200) };
    const sections = fc.sample(randomMetallb, runs);
    const answers = askParser(sections.map((section) => questionOf(section, randomHosts)));
    const wrong = sections.flatMap((section, index) => {
      const text = stringify({ ...clusterOf(randomHosts), metallb: section });
      const errors = parseConfig(text, 'cluster.yaml').issues.filter(({ severity }) => severity === 'error');
      const { parser, crds = [] } = answers[index] ?? {};
      const theirs = [parser, ...crds].filter((reason) => reason !== undefined);
      if (errors.length > 0 === theirs.length > 0) return [];
      return [
        {
          section: JSON.stringify(section),
          ours: errors.map(({ path, message }) => `${path}: ${message}`),
          theirs,
        },
      ];
    });
    const refused = answers.filter(({ parser, crds }) => parser ?? crds).length;
    expect(wrong).toEqual([]);
    // Otherwise they would agree on little.
    expect(refused / sections.length).toBeGreaterThan(0.3);
    expect(refused / sections.length).toBeLessThan(0.9);
  },
);

function clusterOf(hosts: readonly object[]) {
  return { name: 'test', ssh: { user: 'pi' }, hosts, k3s: { version: 'v1.36.2+k3s1' } };
}
