import type { MetallbConfig } from '../config';
import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote } from '../quote';
import { known } from './known';
import type { Finding } from './rule';

type LabelSelector = MetallbConfig['l2']['advertisements'][number]['nodeSelectors'][number];
type DraftSelector = Draft<LabelSelector>;
type DraftRequirement = NonNullable<NonNullable<DraftSelector['matchExpressions']>[number]>;

/** A list of selectors; undefined where one could not be decoded. */
export type DraftSelectors = readonly (DraftSelector | undefined)[] | undefined;

/** Reads a label of an object: its value, null when it has none, undefined when the file does not say. */
export type Labels = (key: string) => string | null | undefined;

/** Whether one of the selectors matches an object in Kubernetes; undefined if the file does not say. */
export function selects(selectors: DraftSelectors, labels: Labels): boolean | undefined {
  return anyOf((selectors ?? [undefined]).map((selector) => selector && matches(selector, labels)));
}

function matches(selector: DraftSelector, labels: Labels): boolean | undefined {
  const given = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]) => value !== undefined && within(labels(key), [value]),
  );
  const expressions = (selector.matchExpressions ?? []).map(
    (requirement) => requirement && holds(requirement, labels),
  );
  const rejected = anyOf([...given, ...expressions].map(not));
  return not(rejected);
}

function holds({ key, operator, values }: DraftRequirement, labels: Labels): boolean | undefined {
  if (key === undefined || operator === undefined || values?.includes(undefined)) return undefined;
  const value = labels(key);
  const listed = within(value, values ?? []);
  const there = value === undefined ? undefined : value !== null;
  return { In: listed, NotIn: not(listed), Exists: there, DoesNotExist: not(there) }[operator];
}

function within(value: string | null | undefined, values: readonly unknown[]): boolean | undefined {
  return value === undefined ? undefined : values.includes(value);
}

function not(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

function anyOf(truths: readonly (boolean | undefined)[]): boolean | undefined {
  if (truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

/** The purpose of a list of selectors in MetalLB's section. */
interface SelectorList {
  readonly selectors: DraftSelectors;
  readonly path: Path;
}

function selectorLists({ metallb }: Draft): SelectorList[] {
  const at = (path: Path, item: object | undefined, keys: readonly string[]) =>
    keys.map((key) => ({
      selectors: (item as Record<string, DraftSelectors> | undefined)?.[key],
      path: [...path, key],
    }));
  const advertisement = ['poolSelectors', 'nodeSelectors', 'serviceSelectors'];
  return [
    ...known(metallb?.pools).flatMap(([index, { allocation }]) =>
      at(['metallb', 'pools', index, 'allocation'], allocation, ['namespaceSelectors', 'serviceSelectors']),
    ),
    ...known(metallb?.l2?.advertisements).flatMap(([index, item]) =>
      at(['metallb', 'l2', 'advertisements', index], item, advertisement),
    ),
    ...known(metallb?.bgp?.peers).flatMap(([index, item]) =>
      at(['metallb', 'bgp', 'peers', index], item, ['nodeSelectors']),
    ),
    ...known(metallb?.bgp?.advertisements).flatMap(([index, item]) =>
      at(['metallb', 'bgp', 'advertisements', index], item, advertisement),
    ),
  ];
}

/** Selectors must be valid for Kubernetes, and without the repetitions that MetalLB rejects. */
export function* selectorsAreValid(config: Draft): Iterable<Finding> {
  yield* preferencesAreValid(config);
  for (const { selectors, path } of selectorLists(config)) {
    yield* withoutTwins(selectors, path, canonical, () => 'the same selector');
    for (const [index, { matchExpressions }] of known(selectors)) {
      const expressions = [...path, index, 'matchExpressions'];
      yield* withoutTwins(matchExpressions, expressions, canonicalRequirement, () => 'the same condition');
      for (const [n, requirement] of known(matchExpressions)) {
        yield* valuesFit(requirement, [...expressions, n]);
        const values = [...expressions, n, 'values'];
        yield* withoutTwins(
          requirement.values,
          values,
          (value) => value,
          (value) => quote(value),
        );
      }
    }
  }
}

function* valuesFit({ operator, values }: DraftRequirement, path: Path): Iterable<Finding> {
  const compares = operator === 'In' || operator === 'NotIn';
  if (compares && !values?.length) {
    yield {
      path: [...path, 'operator'],
      message: `${quote(operator)} compares with 'values', of which there are none: add them, or use 'Exists'`,
    };
  } else if (operator !== undefined && !compares && values?.length) {
    yield {
      path: [...path, 'values'],
      message: `${quote(operator)} looks at the name of the label only: delete 'values'`,
    };
  }
}

/** Conditions of preferred nodes: MetalLB allows repetitions in them. */
function* preferencesAreValid({ metallb }: Draft): Iterable<Finding> {
  for (const [index, { preferredNodeSelectors }] of known(metallb?.l2?.advertisements)) {
    for (const [n, { preference }] of known(preferredNodeSelectors)) {
      const path = ['metallb', 'l2', 'advertisements', index, 'preferredNodeSelectors', n, 'preference'];
      for (const [m, requirement] of known(preference?.matchExpressions)) {
        yield* valuesFit(requirement, [...path, 'matchExpressions', m]);
      }
    }
  }
}

/** Items of a list that repeat an earlier one. */
export function* withoutTwins<T>(
  list: readonly (T | undefined)[] | undefined,
  path: Path,
  key: (item: T) => string | undefined,
  name: (item: T) => string,
): Iterable<Finding> {
  const seen = new Map<string, number>();
  for (const [index, item] of known(list)) {
    const text = key(item);
    if (text === undefined) continue;
    const first = seen.get(text);
    if (first === undefined) seen.set(text, index);
    else {
      yield {
        path: [...path, index],
        other: [...path, first],
        message: `${name(item)} is given twice, which MetalLB refuses: delete one`,
      };
    }
  }
}

/** Equal for selectors that are the same to MetalLB; undefined while a part is not known. */
function canonical({ matchLabels, matchExpressions }: DraftSelector): string | undefined {
  const labels = Object.entries(matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const requirements = (matchExpressions ?? []).map((item) => item && canonicalRequirement(item));
  if (requirements.includes(undefined) || labels.some(([, value]) => value === undefined)) return undefined;
  return JSON.stringify([labels, requirements]);
}

/** The order of values does not matter; that of conditions does. */
function canonicalRequirement({ key, operator, values }: DraftRequirement): string | undefined {
  if (key === undefined || operator === undefined || values?.includes(undefined)) return undefined;
  return JSON.stringify([key, operator, [...(values ?? [])].sort()]);
}
