import { posix } from 'node:path';
import { type Draft, isAbsent } from '../draft';
import { quote, quoteAll } from '../quote';
import { dnsLabelPattern } from '../schema/primitives';
import { anchors, librariesIn, ownLibraries, ownStepName } from '../steps/own-step';
import { didYouMean } from '../suggest';
import { known } from './known';
import type { Finding } from './rule';
import { repeated } from './unique';

const ours: readonly string[] = [...anchors.machine, ...anchors.roles];

type Step = NonNullable<NonNullable<Draft['steps']>[number]>;

/** Steps whose names are known, which is no matter of course. */
function named(config: Draft): { index: number; name: string; step: Step }[] {
  return known(config.steps).flatMap(([index, step]) => {
    const { run, name } = step;
    if (run === undefined || (name === undefined && !isAbsent(step, 'name'))) return [];
    return { index, name: ownStepName({ name, run }), step };
  });
}

/** Plans, records on hosts and other steps refer to a step by its name. */
export function* stepNames(config: Draft): Iterable<Finding> {
  const all = named(config).map(({ index, name, step }) => ({
    value: name,
    path: ['steps', index, step.name === undefined ? 'run' : 'name'],
  }));
  for (const { value, path } of all) {
    if (ours.includes(value))
      yield {
        path,
        message: `${quote(value)} is a step that every cluster has: give this one another name, with 'name'`,
      };
    else if (!dnsLabelPattern.test(value))
      yield {
        path,
        message: `${quote(value)} cannot be the name of a step: give it one with 'name', of lower case letters, digits and '-'`,
      };
  }
  for (const { value, path, first } of repeated(all))
    yield {
      path,
      other: first,
      message: `${quote(value)} is the name of another step: give each step a name of its own, with 'name'`,
    };
}

/** A step runs on hosts that there are. */
export function* stepHostsExist(config: Draft): Iterable<Finding> {
  const hosts = known(config.hosts).flatMap(([, { name }]) => name ?? []);
  const groups = Object.keys(config.groups ?? {});
  for (const [index, step] of known(config.steps))
    for (const [key, names, what] of [
      ['hosts', hosts, 'host'],
      ['groups', groups, 'group'],
    ] as const)
      for (const [n, name] of known(step[key]))
        if (!names.includes(name))
          yield {
            path: ['steps', index, key, n],
            message: `there is no ${what} ${quote(name)}`,
            ...didYouMean(name, names),
          };
}

/** Every step comes after one that there is, and none after itself. */
export function* stepOrder(config: Draft): Iterable<Finding> {
  const all = named(config);
  const after = new Map(all.map(({ name, step }) => [name, step.after]));
  const whole = all.length === known(config.steps).length && all.length === (config.steps?.length ?? 0);
  for (const { index, name, step } of all) {
    const path = ['steps', index, 'after'];
    if (step.after === undefined || ours.includes(step.after)) continue;
    if (!after.has(step.after)) {
      const names = [...ours, ...after.keys()];
      if (whole)
        yield {
          path,
          message: `there is no step ${quote(step.after)}: write ${quoteAll(ours, 'or')}, or the name of another step of this list`,
          ...didYouMean(step.after, names),
        };
      continue;
    }
    const chain = [name];
    for (let next = after.get(name); next !== undefined; next = after.get(next)) {
      chain.push(next);
      if (next === name)
        yield {
          path,
          message: `a step cannot wait for itself: ${chain.map((each) => quote(each)).join(' comes after ')}`,
        };
      // A circle that others lead into is reported where it is.
      if (chain.indexOf(next) < chain.length - 1) break;
    }
  }
}

/** The script finds its files beside itself, and each has a name there. */
export function* stepFilesHaveNames(config: Draft): Iterable<Finding> {
  for (const [index, { files }] of known(config.steps)) {
    const all = known(files).map(([n, file]) => ({
      value: posix.basename(file),
      path: ['steps', index, 'files', n],
    }));
    for (const { value, path } of all)
      if (/^(run|start|own-.*|uninstall-.*|lib(-.*)?)\.sh$|^step\.env$|^\./.test(value))
        yield {
          path,
          message: `${quote(value)} is a name that steps have for files of their own on hosts: rename this one`,
        };
    for (const { value, path, first } of repeated(all))
      yield { path, other: first, message: `${quote(value)} is here a second time: rename one of the files` };
  }
}

/** Scripts find only what is brought; an uninstaller is alone on the host. */
export function* stepLibraries(config: Draft): Iterable<Finding> {
  const offered: readonly string[] = ownLibraries;
  for (const [index, { run, uninstall }] of known(config.steps))
    for (const [key, file] of Object.entries({ run, uninstall })) {
      const text = file === undefined ? undefined : config.stepTexts?.[file];
      if (text === undefined) continue;
      const path = ['steps', index, key];
      for (const name of librariesIn(text))
        if (!offered.includes(name))
          yield {
            path,
            message: `${quote(file ?? '')} sources ${quote(name)}: the libraries that there are for it are ${quoteAll(offered, 'and')}`,
          };
      const inlined = offered.reduce(
        (rest, name) => rest.replace(`# shellcheck source=${name}\n. "$here/${name}"\n`, ''),
        text,
      );
      if (key === 'uninstall' && /\$\{?here\}?\//.test(inlined))
        yield {
          path,
          message: `${quote(file ?? '')} is kept on the host without files beside it, and looks for some in '$here': it can source ${quoteAll(offered, 'and')}, each with the line '# shellcheck source=lib.sh' before it`,
        };
    }
}
