// Times whole processes: bare node, help, validate, and a synth of the reference cluster, of 10, 100 and 1000 hosts, in turn within
// one run, so that a machine whose speed drifts drifts for all of them. Prints a table and writes bench.json.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { clusterOf, hostsOf } from './fleet/cluster-of';

const runs = Number(process.argv[2] ?? 11);
// An installed package's instead, to time that: `npm run bench -- 11 ~/homelab/node_modules/k3s-cdk/bin/k3s-cdk.js`; or a
// single executable.
const program = resolve(process.argv[3] ?? 'bin/k3s-cdk.js');
const own = program.endsWith('.js') ? [process.execPath, program] : [program];
const root = mkdtempSync(join(tmpdir(), 'k3s-cdk-bench-'));

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  /** Folder whose outputs are removed before each run. */
  readonly fresh?: string;
}

interface Figure {
  readonly name: string;
  readonly medianSeconds: number;
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** Median of the ratios to bare node, run by run. */
  readonly timesBareNode: number;
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

function subject(name: string, write: (file: string) => void, fresh: boolean): Subject {
  const folder = mkdtempSync(join(root, 'cluster-'));
  const file = join(folder, 'cluster.yaml');
  write(file);
  return { name, command: [...own, 'synth', '-f', file], ...(fresh && { fresh: folder }) };
}

const reference = (file: string) => cpSync('cluster.yaml', file);
const sized = (count: number) => (file: string) => writeFileSync(file, clusterOf(hostsOf(count)));

const subjects: readonly Subject[] = [
  { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
  { name: 'k3s-cdk --help', command: [...own, '--help'] },
  { name: 'validate the reference cluster', command: [...own, 'validate', '-f', resolve('cluster.yaml')] },
  subject('reference cluster, nothing changed', reference, false),
  subject('reference cluster, into an empty folder', reference, true),
  subject('10 hosts, nothing changed', sized(10), false),
  subject('10 hosts, into an empty folder', sized(10), true),
  subject('100 hosts, nothing changed', sized(100), false),
  subject('100 hosts, into an empty folder', sized(100), true),
  subject('1000 hosts, nothing changed', sized(1000), false),
  subject('1000 hosts, into an empty folder', sized(1000), true),
];

/** Runs a subject once; `options` are of node. */
function run(subject: Subject, options = ''): number {
  if (subject.fresh)
    for (const name of ['cdktf.out', 'dist', 'hosts'])
      rmSync(join(subject.fresh, name), { recursive: true, force: true });
  const start = process.hrtime.bigint();
  const [command = '', ...args] = subject.command;
  const env = { ...process.env, NODE_OPTIONS: options };
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`${subject.name} failed:\n${stderr}`);
  return seconds;
}

/** What the process itself says at its end, in runs of their own: processor time, their median, and peak memory. */
function resources(subject: Subject): Pick<Figure, 'processorSeconds' | 'peakMegabytes'> {
  const hook = join(root, 'resources.js');
  const result = join(root, 'resources.json');
  writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(result)}, JSON.stringify(process.resourceUsage())));`,
  );
  const told = Array.from({ length: runs }, () => {
    run(subject, `--require ${hook}`);
    return JSON.parse(readFileSync(result, 'utf8')) as NodeJS.ResourceUsage;
  });
  return {
    processorSeconds: median(
      told.map(({ userCPUTime, systemCPUTime }) => (userCPUTime + systemCPUTime) / 1e6),
    ),
    peakMegabytes: Math.round(Math.max(...told.map(({ maxRSS }) => maxRSS)) / 1024),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

try {
  for (const each of subjects) for (let i = 0; i < 2; i += 1) run(each);
  const times = subjects.map(() => [] as number[]);
  for (let i = 0; i < runs; i += 1) for (const [s, each] of subjects.entries()) times[s]?.push(run(each));
  const bare = times[0] ?? [];
  const figures: Figure[] = subjects.map((each, s) => {
    const seconds = times[s] ?? [];
    return {
      name: each.name,
      medianSeconds: median(seconds),
      minSeconds: Math.min(...seconds),
      maxSeconds: Math.max(...seconds),
      timesBareNode: median(seconds.map((value, i) => value / (bare[i] ?? Number.NaN))),
      ...resources(each),
    };
  });
  const rows = figures.map((figure) => ({
    '': figure.name,
    'median s': figure.medianSeconds.toFixed(3),
    'min s': figure.minSeconds.toFixed(3),
    'max s': figure.maxSeconds.toFixed(3),
    '× node': figure.timesBareNode.toFixed(2),
    'processor s': figure.processorSeconds.toFixed(3),
    'peak MB': figure.peakMegabytes,
  }));
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${runs} runs each, in turn`);
  console.table(rows);
  writeFileSync('bench.json', `${JSON.stringify({ node: process.version, runs, figures }, null, 2)}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
