import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

interface Row {
  readonly part: string;
  readonly how: string;
  readonly suites: readonly string[];
}

const page = readFileSync('docs/reference/platforms.md', 'utf8');

const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Tables by the heading above them, without their own head. */
const tables = new Map(
  page.split(/^#+ /m).map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    return [
      heading,
      lines
        .filter((line) => line.startsWith('|'))
        .slice(2)
        .map(cells),
    ];
  }),
);

const marks = (tables.get('What has been tried where') ?? []).map(([mark = '']) => mark);

const rows: Row[] = [];
for (const heading of ['Machines', 'Roles', 'Operation', 'In the cluster'])
  for (const [part = '', how = '', , suites = ''] of tables.get(heading) ?? [])
    rows.push({
      part: part || (rows.at(-1)?.part ?? ''),
      how,
      suites: [...suites.matchAll(/`([^`]+)`/g)].map(([, suite = '']) => suite),
    });

/** How a suite tries what it tries. */
const howOf = (suite: string): string => {
  // Its programs lie in folders that take the place of the system.
  if (suite === 'lab/old-programs') return 'program';
  if (suite === 'lab/platforms/enterprise') return 'EL';
  if (suite.startsWith('lab/platforms/')) return 'emulated';
  if (suite.startsWith('lab/') || suite.endsWith('.cluster')) return 'real';
  if (suite.endsWith('.programs') || suite === 'config/metallb') return 'program';
  return 'stub';
};

test('every row has a mark of the table above, and a suite of that kind unless it was only read', () => {
  expect(rows.length).toBeGreaterThan(40);
  const wrong = rows.flatMap(({ part, how, suites }) => [
    ...(marks.includes(how) ? [] : [`${part}: '${how}' is no mark`]),
    ...((how === 'read') === (suites.length === 0) ? [] : [`${part}, ${how}: suites ${suites}`]),
    ...suites
      .filter((suite) => !existsSync(`test/${suite}.test.ts`))
      .map((suite) => `${part}: there is no test/${suite}.test.ts`),
    ...suites.filter((suite) => howOf(suite) !== how).map((suite) => `${part}: ${suite} is not ${how}`),
  ]);
  expect(wrong).toEqual([]);
});

test('every suite that runs hosts, machines or an API server has a row', () => {
  const suites = ['lab', 'lab/system', 'lab/platforms', 'cluster'].flatMap((folder) =>
    readdirSync(`test/${folder}`)
      .filter((name) => name.endsWith(folder === 'cluster' ? '.cluster.test.ts' : '.test.ts'))
      .map((name) => `${folder}/${basename(name, '.test.ts')}`),
  );
  const named = rows.flatMap((row) => row.suites);
  const ofTheLab = /^lab\/(lab|system\/virtual-machine)/;
  expect(suites.filter((suite) => !named.includes(suite) && !ofTheLab.test(suite))).toEqual([]);
});

test('every claim of the readme that the page has is there, and belongs to parts of the tables', () => {
  const text = (markdown: string) =>
    markdown.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll(/\s+/g, ' ');
  const readme = text(readFileSync('README.md', 'utf8').replaceAll('**', ''));
  const parts = new Set(rows.map(({ part }) => part));
  const claims = tables.get('What the readme says') ?? [];
  expect(claims.length).toBeGreaterThan(10);
  expect(claims.map(([claim = '']) => claim).filter((claim) => !readme.includes(claim))).toEqual([]);
  expect(claims.flatMap(([, named = '']) => named.split('; ')).filter((part) => !parts.has(part))).toEqual(
    [],
  );
});
