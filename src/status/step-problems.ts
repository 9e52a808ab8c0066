import { count } from './figures';
import type { FileDrift, HostStatus, UnitStatus } from './host-status';
import type { Problem } from './problem';

/** More paths than this make an unreadable line. */
const named = 4;

/** What differs from what the last apply has put on a host. The repair is reported once, for all of it. */
export function* stepProblems({ name: host, steps, drift, units }: HostStatus): Iterable<Problem> {
  if (steps.length === 0)
    yield {
      severity: 'error',
      code: 'not-applied',
      host,
      message: "has no record of a step: nothing has been applied to it yet; run 'k3s-cdk deploy'",
    };
  for (const { name, state } of steps)
    if (state === 'running')
      yield {
        severity: 'warning',
        code: 'step-running',
        host,
        message: `is running step '${name}' of an apply`,
      };
    else if (state === 'unfinished')
      yield {
        severity: 'error',
        code: 'step-unfinished',
        host,
        message: `has a step '${name}' that did not finish: apply again`,
      };
  for (const step of new Set(drift.map((file) => file.step)))
    yield {
      severity: 'error',
      code: 'drift',
      host,
      message: `differs from what step '${step}' put there: ${files(drift.filter((file) => file.step === step))}`,
    };
  for (const unit of units) yield* unitProblems(host, unit);
}

function files(drift: readonly FileDrift[]): string {
  const shown = drift.slice(0, named).map(fileText).join(', ');
  return drift.length > named ? `${shown} and ${drift.length - named} more` : shown;
}

function fileText({ path, kind, expected, found }: FileDrift): string {
  switch (kind) {
    case 'missing':
      return `'${path}' is gone`;
    case 'content':
      return `'${path}' was changed`;
    case 'mode':
      return `'${path}' is ${found}, not ${expected}`;
    case 'link':
      return `'${path}' leads to '${found}', not to '${expected}'`;
  }
}

function* unitProblems(host: string, { name, active, enabled, restarts }: UnitStatus): Iterable<Problem> {
  const short = name.replace(/\.service$/, '');
  const problem = (code: string, message: string): Problem => ({ severity: 'error', code, host, message });
  if (enabled === 'masked')
    yield problem('unit-masked', `has ${short} masked, so that it cannot start: 'systemctl unmask ${short}'`);
  else if (enabled === '')
    yield problem('unit-missing', `has no ${short}: it was never applied, or its package was removed`);
  else {
    if (active !== 'active')
      yield problem(
        'unit-down',
        `has ${short} ${active}${restarts > 0 ? ` after ${count(restarts, 'restart')}` : ''}: see 'journalctl -u ${short}' and start it with 'systemctl start ${short}'`,
      );
    if (enabled === 'disabled')
      yield problem(
        'unit-disabled',
        `does not start ${short} when it boots: 'systemctl enable ${short}' on it`,
      );
  }
}
