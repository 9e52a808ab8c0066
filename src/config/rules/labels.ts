import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote, quoteAll } from '../quote';
import { labelKeyForm, labelKeyPattern, labelValuePattern } from '../schema/label-selector';
import { didYouMean } from '../suggest';
import { known } from './known';
import type { Finding } from './rule';

/** Labels below kubernetes.io and k8s.io that a kubelet may set itself; with any other it does not start. */
const allowed = new Set([
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]);
const allowedPrefix = /(^|\.)(node|kubelet)\.kubernetes\.io\//;
const reservedPrefix = /(^|\.)(kubernetes|k8s)\.io\//;
const ownLabels = new Set([
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
]);

/** Kubernetes reserves labels under its own names. */
export function* reservedLabels(config: Draft): Iterable<Finding> {
  for (const [index, host] of known(config.hosts)) {
    for (const key of Object.keys(host.labels ?? {})) {
      const at = { path: ['hosts', index, 'labels', key], target: 'key' } as const;
      if (ownLabels.has(key)) {
        yield { ...at, message: `${quote(key)} is set by the kubelet itself: delete it` };
      } else if (key === 'topology.kubernetes.io/zone' && host.zone !== undefined) {
        yield { ...at, message: `${quote(key)} is what 'zone' sets: delete one of them` };
      } else if (reservedPrefix.test(key) && !allowed.has(key) && !allowedPrefix.test(key)) {
        yield {
          ...at,
          message: `${quote(key)} is reserved by Kubernetes, and a node with it does not start: use a prefix of your own, such as 'example.org/${key.split('/')[1] ?? ''}'`,
        };
      }
    }
  }
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `key=value:Effect` or `key:Effect`. */
export function* taintSyntax(config: Draft): Iterable<Finding> {
  for (const [index, host] of known(config.hosts)) {
    for (const [n, taint] of known(host.taints)) {
      const problem = taintProblem(taint);
      if (problem) yield { path: ['hosts', index, 'taints', n], ...problem };
    }
  }
}

function taintProblem(taint: string): Pick<Finding, 'message' | 'hint'> | undefined {
  const [, key, , text = '', effect] = /^([^=:]*)(=([^:]*))?:([^:]*)$/.exec(taint) ?? [];
  if (key === undefined || effect === undefined) {
    return { message: `${quote(taint)} is not a taint: write 'key=value:NoSchedule' or 'key:NoSchedule'` };
  }
  if (!effects.includes(effect)) {
    return {
      message: `${quote(effect)} is not a taint effect: write ${quoteAll(effects, 'or')}`,
      ...didYouMean(effect, effects),
    };
  }
  if (!labelKeyPattern.test(key)) return { message: `${quote(key)} is not a taint key: use ${labelKeyForm}` };
  if (!labelValuePattern.test(text))
    return { message: `${quote(text)} is not a valid taint value: use letters, digits, '-', '_' and '.'` };
  if (/^node(\.cloudprovider)?\.kubernetes\.io\//.test(key)) {
    return { message: `${quote(key)} is set and removed by Kubernetes itself: use a key of your own` };
  }
  return undefined;
}

/** cdk8s mistakes an object with this key for a class instance, and fails. */
const unwritable = 'constructor';

/** Labels in manifests; MetalLB's section has many. */
export function* writableLabels({ metallb }: Draft): Iterable<Finding> {
  for (const path of pathsOf(unwritable, metallb, ['metallb']))
    yield {
      path,
      target: 'key',
      message: `a label in manifests cannot be called ${quote(unwritable)}: give the objects another one, such as 'example.org/${unwritable}'`,
    };
}

function pathsOf(key: string, value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const below: Path = [...path, Array.isArray(value) ? Number(name) : name];
    return [...(name === key ? [below] : []), ...pathsOf(key, member, below)];
  });
}
