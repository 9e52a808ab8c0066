import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote } from '../quote';
import { labelKeyPattern } from '../schema/label-selector';
import { type DraftHost, known, nameOf, nodes, rolesAreKnown } from './known';
import { type DraftSelectors, selects } from './label-selectors';
import { labelsOf } from './node-labels';
import type { Finding } from './rule';

type DraftMetallb = NonNullable<Draft['metallb']>;

/**
 * A list of selectors, and whether it picks announcing nodes: those excluded from load balancers do not
 * announce.
 */
interface NodeSelectors {
  readonly selectors: DraftSelectors;
  readonly path: Path;
  readonly announces: boolean;
}

function nodeSelectors({ l2, bgp }: DraftMetallb): NodeSelectors[] {
  const of = (
    list: readonly ({ readonly nodeSelectors: DraftSelectors } | undefined)[] | undefined,
    path: Path,
    announces: boolean,
  ) =>
    known(list).flatMap(([index, item]) =>
      item.nodeSelectors?.length && item.nodeSelectors.every(isValid)
        ? [{ selectors: item.nodeSelectors, path: [...path, index, 'nodeSelectors'], announces }]
        : [],
    );
  return [
    ...of(l2?.advertisements, ['metallb', 'l2', 'advertisements'], true),
    ...of(bgp?.advertisements, ['metallb', 'bgp', 'advertisements'], true),
    ...of(bgp?.peers, ['metallb', 'bgp', 'peers'], false),
  ];
}

/** What Kubernetes rejects is reported as such. */
function isValid(selector: NonNullable<DraftSelectors>[number]): boolean {
  return (
    Object.keys(selector?.matchLabels ?? {}).every((key) => labelKeyPattern.test(key)) &&
    (selector?.matchExpressions ?? []).every(
      (each) =>
        !each || !/In$/.test(each.operator ?? '') || ('values' in each && (each.values?.length ?? 1) > 0),
    )
  );
}

/**
 * An address that no node announces is useless. Labels with a prefix that the file does not have may be set
 * by others, such as node-feature-discovery, so they are not reported.
 */
export function* selectedNodesAnnounce(config: Draft): Iterable<Finding> {
  const { metallb } = config;
  if (!metallb || !rolesAreKnown(config)) return;
  const hosts = nodes(config).map(([, host]) => ({ host, name: nameOf(host) }));
  const keys = new Set(hosts.flatMap(({ host }) => Object.keys(host.labels ?? {})));
  const mayPick = (selectors: DraftSelectors, host: DraftHost) => {
    const labels = labelsOf(host);
    const orUnknown = (key: string) => {
      const value = labels(key);
      return value === null && key.includes('/') && !keys.has(key) ? undefined : value;
    };
    return selectors?.length === 0 || selects(selectors, orUnknown) !== false;
  };

  const { nodeSelector = {} } = metallb.speaker ?? {};
  // An invalid label is reported as such.
  if (Object.keys(nodeSelector).some((key) => !labelKeyPattern.test(key))) return;
  const forSpeaker: DraftSelectors =
    Object.keys(nodeSelector).length > 0 ? [{ matchLabels: nodeSelector }] : [];
  const withSpeaker = hosts.filter(({ host }) => mayPick(forSpeaker, host));
  if (withSpeaker.length === 0 && hosts.length > 0) {
    yield {
      path: ['metallb', 'speaker', 'nodeSelector'],
      severity: 'warning',
      message:
        "no host of this file has these labels, so no speaker runs and nobody announces an address: add them to 'labels' of a host",
    };
    return;
  }
  for (const { selectors, path, announces } of nodeSelectors(metallb)) {
    const picked = hosts.filter(({ host }) => mayPick(selectors, host));
    // Each excludes some of them; the one that excludes the last is reported.
    const running = picked.filter((each) => withSpeaker.includes(each));
    const tolerated = running.filter(({ host }) => isTolerated(host, metallb));
    const announcing = tolerated.filter(({ host }) => !announces || !isExcluded(host, metallb));
    const left = [
      ['labels', picked],
      ['speaker', running],
      ['taints', tolerated],
      ['excluded', announcing],
    ] as const;
    const [obstacle] = left.find(([, some]) => some.length === 0) ?? [];
    if (obstacle === undefined) continue;
    const names = picked.map(({ name }) => name).join(', ');
    const messages = {
      labels:
        "these selectors pick no host of this file: add the labels to 'labels' of a host, or correct them",
      speaker: `these selectors pick ${names} alone, where 'metallb.speaker.nodeSelector' wants no speaker: give the labels of both to a host`,
      taints: `these selectors pick ${names} alone, whose taints keep speakers away: add them to 'metallb.speaker.tolerations'`,
      excluded: `these selectors pick ${names} alone, which ${quote(excludeLabel)} keeps from announcing: delete the label, or set 'metallb.speaker.ignoreExcludeLB: true'`,
    };
    yield { path, severity: 'warning', message: messages[obstacle] };
  }
}

const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';

function isExcluded({ labels }: DraftHost, { speaker }: DraftMetallb): boolean {
  return speaker?.ignoreExcludeLB === false && labels !== undefined && Object.hasOwn(labels, excludeLabel);
}

/** Those that speakers have by default. */
const ownTolerations = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** True while it is not known. */
function isTolerated({ taints }: DraftHost, { speaker }: DraftMetallb): boolean {
  return known(taints).every(([, text]) => {
    const [, key, , value = '', effect] = /^([^=:]*)(=([^:]*))?:([^:]*)$/.exec(text) ?? [];
    if (key === undefined || effect === 'PreferNoSchedule' || ownTolerations.includes(key)) return true;
    return (speaker?.tolerations ?? [undefined]).some((toleration) => {
      if (!toleration) return true;
      const fits = toleration.operator === 'Exists' || (toleration.value ?? '') === value;
      const own = toleration.key === undefined || toleration.key === key;
      return own && fits && (toleration.effect === undefined || toleration.effect === effect);
    });
  });
}
