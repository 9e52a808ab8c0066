import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scripts } from '../package.json';
import { cisArguments, cisKeys } from '../src/config/cis';
import { commandLineProblem, idleProgram } from './support/command-line';
import { examples, topologyOf } from './support/examples';
import { anchors, codeBlocks, localLinks, pages, tableUnder } from './support/markdown';
import { portRows } from './support/port-rows';
import { topologyWith } from './support/topology';

/** Words of a command, without what a shell does with them, and without the brackets of a synopsis. */
function words(command: string): string[] {
  return command
    .replace(/ +(#|[|>&;]| {2}\S).*$/, '')
    .replace(/ {2,}.*$/, '')
    .replace(/[[\]]/g, '')
    .trim()
    .split(/ +/)
    .map((word) => word.replace(/^'(.*)'$/, '$1'));
}

/** What is wrong with a command of ours; nothing about any other. */
function commandProblems(command: string): string[] {
  const [program = '', ...rest] = words(command.replace(/^(\$ |sudo |npx )+/, ''));
  if (program === 'npm') {
    const name = rest[0] === 'run' ? rest[1] : rest[0] === 'test' ? 'test' : undefined;
    return name === undefined || Object.hasOwn(scripts, name) ? [] : [`there is no script '${name}'`];
  }
  if (program !== 'k3s-cdk' || rest.length === 0 || /^[A-Z]/.test(rest[0] ?? '')) return [];
  // A command that is only named, without what it is called with.
  if (rest.length === 1 && idleProgram().commands.some((command) => command.name() === rest[0])) return [];
  // `bash|zsh|fish`: any of them.
  const problem = commandLineProblem(rest.map((word) => word.split('|')[0] ?? ''));
  return problem === undefined ? [] : [problem];
}

/** With lines that end with a backslash and those after them as one. */
const continued = (lines: readonly string[]) =>
  lines
    .join('\n')
    .replaceAll(/ *\\\n */g, ' ')
    .split('\n');

/** Files of these folders, and these files. */
const filesUnder = (...paths: string[]): string[] =>
  paths.flatMap((path) =>
    statSync(path).isFile()
      ? [path]
      : readdirSync(path, { encoding: 'utf8', recursive: true })
          .map((name) => join(path, name))
          .filter((file) => statSync(file).isFile()),
  );

// Decisions also name what was weighed and what is to come.
const guides = pages.filter((page) => !page.startsWith('docs/decisions/'));

test.each(guides)('%s names only commands, options and scripts that there are', (page) => {
  const inBlocks = codeBlocks(page).flatMap(({ place, lines }) =>
    continued(lines).map((line) => [place, line] as const),
  );
  const inline = [...readFileSync(page, 'utf8').matchAll(/`((?:npx )?k3s-cdk [^`\n]+|npm [^`\n]+)`/g)].map(
    ([, command = '']) => [page, command] as const,
  );
  const problems = [...inBlocks, ...inline].flatMap(([place, line]) =>
    commandProblems(line).map((problem) => `${place}: ${line.trim()}: ${problem}`),
  );
  expect(problems).toEqual([]);
});

test('pages say `npx k3s-cdk` only where the package is: in a clone, or in a folder where they install it', () => {
  const said = guides.filter((page) => readFileSync(page, 'utf8').includes('npx k3s-cdk'));
  expect(said).toEqual([
    'README.md',
    ...['extending', 'install', 'lab', 'library'].map((page) => `docs/how-to/${page}.md`),
  ]);
});

const hardening = ['1 Control plane', '2 etcd', '3 Access and audit', '4 Nodes', '5 Policies'].flatMap(
  (heading) => tableUnder('docs/reference/hardening.md', `## ${heading}`),
);

/** Whether `1.1.13, 1.1.14` or `1.2.6–1.2.8` has a control among them. */
function covers(controls: string, control: string): boolean {
  const last = (text: string) => Number(text.slice(text.lastIndexOf('.') + 1));
  return controls.split(', ').some((part) => {
    const [from = '', to = from] = part.split('–');
    const section = from.slice(0, from.lastIndexOf('.') + 1);
    if (section === '' || control.slice(0, control.lastIndexOf('.') + 1) !== section) return part === control;
    return last(from) <= last(control) && last(control) <= last(to);
  });
}

/** How many controls each section of the CIS Kubernetes Benchmark 2.1 has. */
const benchmark = {
  ...{ '1.1': 21, '1.2': 30, '1.3': 7, '1.4': 2, '2': 7, '3.1': 3, '3.2': 2, '4.1': 11, '4.2': 14, '4.3': 1 },
  ...{ '5.1': 14, '5.2': 13, '5.3': 2, '5.4': 2, '5.5': 1, '5.6': 4 },
};

test('the page about hardening says once of every control of the benchmark what becomes of it', () => {
  const controls = Object.entries(benchmark).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, n) => `${section}.${n + 1}`),
  );
  const times = (control: string) => hardening.filter(([row = '']) => covers(row, control)).length;
  expect(controls.filter((control) => times(control) !== 1)).toEqual([]);
});

test('the page about hardening says of each setting what it is, at its control', () => {
  const missing = [cisKeys, ...Object.values(cisArguments)]
    .flatMap((requirements) => Object.entries(requirements))
    .filter(([name, { control, value }]) => {
      const said = hardening.filter(([row = '']) => covers(row, control));
      // A plugin has a control of its own.
      const rows =
        name === 'enable-admission-plugins' || name.startsWith('admission-control') ? hardening : said;
      const text = typeof value === 'boolean' ? `${name}: ${value}` : `${name}=${value}`;
      return (
        said.length === 0 || (value !== undefined && !rows.some((row) => row.join().includes(`\`${text}\``)))
      );
    });
  expect(missing.map(([name]) => name)).toEqual([]);
});

test('the check of commands sees a wrong option, a wrong command and a wrong script', () => {
  expect(commandProblems('npx k3s-cdk synth --chekc   # what').join()).toContain("unknown option '--chekc'");
  expect(commandProblems('k3s-cdk sinth').join()).toContain("unknown command 'sinth'");
  expect(commandProblems('sudo npm run labb -- up')).toEqual(["there is no script 'labb'"]);
  expect(commandProblems('k3s-cdk init [NAME] [--renew]   makes all')).toEqual([]);
});

test.each(pages)('links of %s lead somewhere', (page) => {
  const dead = localLinks(page).filter((target) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && file.endsWith('.md') && !anchors(file).includes(anchor);
  });
  expect(dead).toEqual([]);
});

/** Pages that a text names by their path: `docs/how-to/secrets.md`. */
const namedPages = (text: string) =>
  [...text.matchAll(/(?<![\w/.-])docs\/[\w/-]+\.\w+/g)].map(([path]) => path);

test('pages that messages, comments and examples name are there', () => {
  const missing = filesUnder('src', 'tools', 'examples', 'schema', 'test', 'cluster.yaml', ...pages)
    .filter((file) => /\.(ts|js|sh|py|ya?ml|json|md|txt)$/.test(file))
    .flatMap((file) => namedPages(readFileSync(file, 'utf8')).map((page) => [file, page] as const))
    .filter(([, page]) => !existsSync(page));
  expect(missing).toEqual([]);
  const nowhere = ['docs', 'how-to', 'nowhere.md'].join('/');
  expect(namedPages(`see ${nowhere}, not https://k3s.io/${nowhere}`)).toEqual([nowhere]);
});

test('the README names every command', () => {
  const named = tableUnder('README.md', '## Commands').map(([command]) => command);
  expect(named.sort()).toEqual(
    idleProgram()
      .commands.map((command) => `\`k3s-cdk ${command.name()}\``)
      .sort(),
  );
});

test('what the table of ten mistakes quotes is what a test expects', () => {
  const page = 'docs/how-to/troubleshooting.md';
  const rows = tableUnder(page, '## Ten mistakes, and what is said');
  expect(rows).toHaveLength(10);
  for (const [mistake, said = '', , tests = ''] of rows) {
    const files = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => join(dirname(page), path));
    const expected = files.map((file) => readFileSync(file, 'utf8').replaceAll('\\', '')).join('\n');
    const quoted = [...said.matchAll(/`([^`]+)`/g)].flatMap(([, text = '']) => text.split('…'));
    const missing = quoted.map((part) => part.trim()).filter((part) => !expected.includes(part));
    expect({ mistake, missing }).toEqual({ mistake, missing: [] });
  }
});

test('the table of ports says what the firewall opens, all of it and no more', () => {
  const topologies = [
    ...examples.map(([, file]) => topologyOf(file)),
    topologyWith('k3s: { version: v1.36.2+k3s1, config: { flannel-backend: wireguard-native } }'),
    topologyWith('k3s: { version: v1.36.2+k3s1, config: { embedded-registry: true } }'),
  ];
  const told = tableUnder('docs/reference/networking.md', '## Ports').map(
    ([port, on, from]) => `${port} from ${from} on ${on}`,
  );
  expect(told.sort()).toEqual(portRows(topologies).sort());
});

test('the page about security says what each attacker gets, and links a test of it', () => {
  const rows = tableUnder('docs/explanation/security.md', '## What an attacker gets');
  const attackers = rows.map(([attacker]) => attacker);
  for (const named of [
    ...['a pod', 'a pod as root in its container', 'an agent, as root', 'a server, as root'],
    ...['a database host, as root', 'the NFS host, as root', 'the LAN'],
    ...['anyone who contributes to cluster.yaml', 'anyone who has a backup'],
  ])
    expect(attackers).toContain(named);
  // Somebody acting as you has everything, and the second kind of pod the same as the first.
  const unheld = rows.filter(
    ([, gets = '', , heldBy = '']) => gets === '' || !/\]\(\.\.\/\.\.\/test\//.test(heldBy),
  );
  expect(unheld.map(([attacker]) => attacker)).toEqual([
    'a pod as root in its container',
    'anyone acting as you on your machine, or in your CI',
  ]);
});
