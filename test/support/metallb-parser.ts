import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { App, Testing } from 'cdk8s';
import { application } from '../../src/cluster/metallb/metallb';
import { MetallbConfigChart } from '../../src/cluster/metallb/metallb-config-chart';
import type { MetallbConfig } from '../../src/config/config';
import { metallb } from '../../src/model/metallb';
import { cacheHome } from '../lab/paths';

/**
 * MetalLB's own parser of its resources, where somebody has put one: a program that says its release to `--version`,
 * and to every line of `Question` answers with a line of `Answer`. It is no part of the repository.
 */
const program = join(cacheHome, 'k3s-cdk', 'metallb', 'parser');

/** Whether it is there, and of the release that the manifests are written for. */
export const hasParser =
  spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim() === application.version;

export const noParser = `MetalLB's own parser, of release ${application.version}: put one at ${program}`;

/** What MetalLB reads: objects, and the nodes that are there. */
interface Question {
  readonly backend: string;
  readonly objects: readonly object[];
  readonly nodes: readonly object[];
}

interface Answer {
  /** Why MetalLB's `config.For` refuses them. */
  readonly parser?: string;
  /** Why the API server does, by the CRDs of MetalLB's release. */
  readonly crds?: readonly string[];
}

/** Asks all at once. */
export function askParser(questions: readonly Question[]): Answer[] {
  const { stdout, status, stderr } = spawnSync(program, {
    input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`MetalLB's parser failed: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** As MetalLB reads a section of cluster.yaml: valid or not, with the defaults of the schema. */
export function questionOf(section: object, hosts: readonly HostLike[]): Question {
  const config = withDefaults(section);
  const chart = new MetallbConfigChart(new App(), 'metallb', {
    cluster: 'test',
    metallb: metallb(config) as NonNullable<ReturnType<typeof metallb>>,
  });
  const data = {
    'excludel2.yaml': JSON.stringify({ announcedInterfacesToExclude: config.speaker.excludeInterfaces }),
  };
  return {
    backend: config.bgp?.backend ?? 'native',
    objects: [...Testing.synth(chart), { kind: 'ConfigMap', data }],
    nodes: hosts
      .filter(({ roles }) => roles.some((role) => role !== 'database' && role !== 'nfs'))
      .map(nodeOf),
  };
}

export interface HostLike {
  readonly name: string;
  readonly roles: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly zone?: string;
}

/** A node as k3s registers it. */
function nodeOf({ name, roles, labels, zone }: HostLike): object {
  return {
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'arm64',
        'node.kubernetes.io/instance-type': 'k3s',
        ...(roles.includes('server') && { 'node-role.kubernetes.io/control-plane': 'true' }),
        ...(zone !== undefined && { 'topology.kubernetes.io/zone': zone }),
        ...labels,
      },
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a section that is not valid has no type
type Section = any;

/** Sections that the schema refuses have to be asked about too: so it cannot be the schema that fills in defaults. */
function withDefaults(section: Section): MetallbConfig {
  const selection = { pools: [], poolSelectors: [], nodeSelectors: [], serviceSelectors: [] };
  const each = (list: Section, defaults: object) =>
    (list ?? []).map((item: object) => ({ ...defaults, ...item }));
  const { bgp, l2 } = section;
  return {
    mode: 'l2',
    logLevel: 'info',
    ...section,
    speaker: { excludeInterfaces: [], ...section.speaker },
    pools: section.pools.map((pool: Section) => ({
      autoAssign: true,
      avoidBuggyIPs: false,
      labels: {},
      ...pool,
      ...(pool.allocation && {
        allocation: { namespaces: [], namespaceSelectors: [], serviceSelectors: [], ...pool.allocation },
      }),
    })),
    l2: {
      advertisements: each(l2?.advertisements, { ...selection, interfaces: [], preferredNodeSelectors: [] }),
    },
    ...(bgp && {
      bgp: {
        backend: 'native',
        communities: {},
        ...bgp,
        peers: each(bgp.peers, { port: 179, nodeSelectors: [] }),
        bfdProfiles: each(bgp.bfdProfiles, {
          receiveInterval: 300,
          transmitInterval: 300,
          detectMultiplier: 3,
          echoMode: false,
          echoInterval: 50,
          passiveMode: false,
          minimumTtl: 254,
        }),
        advertisements: each(bgp.advertisements, {
          ...selection,
          peers: [],
          communities: [],
          aggregationLength: 32,
          aggregationLengthV6: 128,
        }),
      },
    }),
  };
}
