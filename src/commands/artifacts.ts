import { resolve as absolute, dirname, posix } from 'node:path';
import { someNames } from '../model/host-groups';
import { resolve } from '../model/resolve';
import type { Topology } from '../model/topology';
import { artifactProblems } from '../preflight/artifact-checks';
import { type NeededArtifact, neededArtifacts } from '../preflight/needed-artifacts';
import type { Problem } from '../status/problem';
import { loadOrReport } from './load';
import type { Terminal } from './terminal';
import { hanging } from './wrap';

export interface ArtifactsOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Only say what is needed, without looking at the folder. */
  readonly list: boolean;
}

/**
 * `k3s-cdk artifacts`: what hosts would download, and what of it is missing or wrong in the folder of `k3s.artifacts`.
 * Returns the exit code: 1 when something there would make an apply fail.
 */
export function artifactsCommand({ file, list }: ArtifactsOptions, terminal: Terminal): number {
  const config = loadOrReport(file, terminal);
  if (!config) return 1;
  const topology = resolve(config);
  const folder = dirname(absolute(file));
  // Without an air gap as well: what would be needed in one.
  const { artifacts = './artifacts' } = config.k3s;
  const needed = neededArtifacts(resolve({ ...config, k3s: { ...config.k3s, artifacts } }), folder);
  const problems = list ? [] : artifactProblems(topology, folder);
  terminal.report({ needed, problems });
  for (const line of listed(needed, topology, artifacts)) terminal.print(line);
  if (!list) reportFolder(topology, problems, terminal);
  return problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

function reportFolder({ k3s }: Topology, problems: readonly Problem[], terminal: Terminal): void {
  terminal.print('');
  for (const { severity, message } of problems) terminal.error(`${severity}: ${message}`);
  if (k3s.artifacts === undefined)
    terminal.print("hosts download all of this: 'k3s.artifacts' in cluster.yaml names no folder");
  else if (problems.length === 0) terminal.print(`${k3s.artifacts} has what hosts are to get from it`);
}

/** The list for people: a paragraph for each folder, then what belongs into none. */
function listed(needed: readonly NeededArtifact[], { hosts }: Topology, root: string): string[] {
  const who = (names: readonly string[]) =>
    names.length === hosts.length && hosts.length > 1 ? 'every host' : someNames(names);
  const folders = new Map<string, NeededArtifact[]>();
  for (const artifact of needed.filter(({ file }) => file !== undefined)) {
    const folder = `${root}/${posix.dirname(artifact.file ?? '')}`;
    folders.set(folder, [...(folders.get(folder) ?? []), artifact]);
  }
  const paragraphs = [
    ...[...folders].map(([folder, artifacts]) => folderLines(folder, artifacts, who)),
    ...packageLines(needed, who),
    ...needed.flatMap(({ kind, name, source = '' }) =>
      kind === 'provider' ? [['Terraform, on the machine that applies', `  ${name}`, ...lines(source)]] : [],
    ),
  ];
  return paragraphs.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

type Who = (names: readonly string[]) => string;

function folderLines(folder: string, artifacts: readonly NeededArtifact[], who: Who): string[] {
  const names = new Set(artifacts.flatMap(({ hosts }) => hosts));
  const title = `${folder}, for ${who([...names])}`;
  const [first] = artifacts;
  if (first?.kind === 'release')
    return [
      title,
      ...artifacts.map(({ name, alternatives }) => `  ${name}${alternatives ? ', or .tar.gz, or .tar' : ''}`),
      `  from ${posix.dirname(first.source ?? '')}`,
    ];
  const files = artifacts.flatMap(({ file = '', name, source = '' }) => [
    `  ${posix.basename(file)}`,
    ...lines(isPulled(source) ? name : source),
  ]);
  if (first?.kind === 'chart') return [title, ...files];
  return [
    title,
    ...(first?.when === undefined ? [] : lines(first.when, '  ')),
    ...files,
    '  each by: podman pull --arch ARCHITECTURE IMAGE',
    '           podman save --output FILE IMAGE',
    '  sha256sum.txt, in the folder by: sha256sum *.tar >sha256sum.txt',
  ];
}

/** Whether an image is had as most are, which is said once. */
const isPulled = (source: string) => source.startsWith('podman pull');

const managers = [
  ['dnf', 'Packages of Enterprise Linux (dnf)'],
  ['apt', 'Packages of Debian, Raspberry Pi OS and Ubuntu (apt)'],
] as const;

/** Hosts that need the same packages share a line. */
function packageLines(needed: readonly NeededArtifact[], who: Who): string[][] {
  return managers.map(([manager, title]) => {
    const groups = new Map<string, string[]>();
    for (const { name, hosts, when } of needed.filter((each) => each.manager === manager)) {
      const key = `${who(hosts)}${when === undefined ? '' : `, ${when}`}`;
      groups.set(key, [...(groups.get(key) ?? []), name]);
    }
    const packages = [...groups].flatMap(([group, names]) => [`  ${group}:`, ...lines(names.join(' '))]);
    return [`${title}, with what they depend on`, ...packages];
  });
}

/** A text in lines of a terminal. */
function lines(text: string, indent = '    '): string[] {
  return hanging(indent, text, { width: 80 }).split('\n');
}
