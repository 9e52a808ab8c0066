import { posix } from 'node:path';
import type { Config, HostConfig } from '../config/config';
import { anchors, librariesIn, ownPrefix, ownStepName } from '../config/steps/own-step';
import type { OwnScript, OwnStep } from './topology';

/** Whether a step is the user's own, by its name in plans and on hosts. */
export function isOwnStep(step: string): boolean {
  return step.startsWith(ownPrefix);
}

/** The user's own steps on a host. */
export function ownSteps({ steps, stepTexts }: Config): (host: HostConfig) => OwnStep[] {
  const textOf = (path: string) => stepTexts[path] ?? '';
  const script = (path: string): OwnScript => ({
    text: textOf(path),
    libraries: librariesIn(textOf(path)),
  });
  const waits = new Map(steps.map((step) => [ownStepName(step), step.after]));
  const before = (after: string): string[] => {
    const next = waits.get(after);
    return next === undefined ? [after] : [...before(next), after];
  };
  const all = steps.map(({ run, uninstall, files, secrets, hosts, groups, ...rest }) => {
    const name = ownStepName({ ...rest, run });
    const { after } = rest;
    const [anchor = '', ...own] = before(after);
    const step: OwnStep = {
      ...{ name, step: `${ownPrefix}${name}`, after, depth: own.length },
      beforeRoles: anchors.machine.some((each) => each === anchor),
      ...{ run, script: script(run), ...(uninstall !== undefined && { uninstall: script(uninstall) }) },
      files: Object.fromEntries(files.map((file) => [posix.basename(file), textOf(file)])),
      secrets,
    };
    const isOn = ({ name, group = '' }: HostConfig) =>
      (!hosts && !groups) || hosts?.includes(name) || groups?.includes(group);
    return { step, isOn };
  });
  all.sort((a, b) => a.step.depth - b.step.depth);
  return (host) => all.flatMap(({ step, isOn }) => (isOn(host) ? step : []));
}
