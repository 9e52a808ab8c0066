import { hostGroups, nameList, together } from '../../model/host-groups';
import { plainText } from '../../programs/plain-text';
import { type Style, styled } from '../../programs/style';
import { duration } from '../../status/figures';
import { spinner } from './spinner';
import type { BoardStep, StepState } from './step-board';

export interface BoardLinesOptions {
  /** Width of the terminal, in characters. */
  readonly width: number;
  /** Available lines. */
  readonly height: number;
  /** Frame of the spinner. */
  readonly frame: number;
  readonly color: boolean;
}

const styles: Readonly<Record<StepState, Style>> = {
  waiting: 'dim',
  running: 'cyan',
  done: 'green',
  failed: 'red',
};

/** Hosts of a line, and the steps of each. */
interface Row {
  readonly name: string;
  readonly hosts: readonly (readonly BoardStep[])[];
}

/** Of a terminal, for names of hosts that share a line. */
const namesPart = 0.4;

/**
 * Hosts down, steps across, elapsed time in each. Where not every host has room for a line, those that are equally far
 * share one, with the longest time: first those that have failed, then those at work; what has no room is counted.
 */
export function boardLines(steps: readonly BoardStep[], options: BoardLinesOptions): string[] {
  const said = lastOutput(steps, options);
  const hosts = together(steps, ({ host }) => host);
  const room = Math.max(1, options.height - 1 - said.length);
  const rows = rowsOf(hosts, room, options);
  const hostWidth = Math.max(...rows.map(({ name }) => name.length));
  const names = [...new Set(steps.map(({ step }) => step))];
  const widths = names.map((name) => Math.max(name.length, '✔ 59m 59s'.length) + 2);
  const isTable = 2 + hostWidth + 2 + widths.reduce((sum, width) => sum + width, 0) <= options.width;
  const header = `  ${' '.repeat(hostWidth)}  ${names.map((name, i) => name.padEnd(widths[i] ?? 0)).join('')}`;
  const shown = rows.length > room ? rows.slice(0, room - 1) : rows;
  const lines = shown.map(({ name, hosts: alike }) => {
    const cells = alike.length === 1 ? (alike[0] ?? []) : longest(alike);
    const sign = alike.length === 1 ? '' : '≤';
    const text = isTable
      ? names
          .map((step, i) =>
            cell(
              cells.find((each) => each.step === step),
              sign,
              widths[i] ?? 0,
              options,
            ),
          )
          .join('')
      : compactCells(cells, sign, options.width - hostWidth - 4, options);
    return `  ${name.padEnd(hostWidth)}  ${text}`;
  });
  return [
    ...(isTable ? [styled('dim', header.trimEnd(), options)] : []),
    ...lines,
    ...hidden(rows.slice(shown.length), options),
    ...said,
  ];
}

const urgency: readonly StepState[] = ['failed', 'running', 'waiting', 'done'];

function rowsOf(hosts: readonly BoardStep[][], room: number, { width }: BoardLinesOptions): Row[] {
  const progress = (steps: readonly BoardStep[]) =>
    steps.map(({ step, state }) => `${step} ${state}`).join(', ');
  const groups = hostGroups(hosts, room, progress);
  const most = (alike: readonly BoardStep[][]) =>
    Math.min(...(alike[0] ?? []).map(({ state }) => urgency.indexOf(state)));
  if (hosts.length > room) groups.sort((a, b) => most(a) - most(b));
  return groups.map((alike) => ({
    name: nameList(
      alike.flatMap(([first]) => first?.host ?? []),
      { width: Math.floor(width * namesPart) },
    ),
    hosts: alike,
  }));
}

/** Steps of hosts that are equally far, each with the time of the slowest. */
function longest(hosts: readonly (readonly BoardStep[])[]): BoardStep[] {
  return (hosts[0] ?? []).map((first, index) => {
    const times = hosts.flatMap((steps) => steps[index]?.elapsed ?? []);
    return { ...first, ...(times.length > 0 && { elapsed: Math.max(...times) }) };
  });
}

function cell(step: BoardStep | undefined, sign: string, width: number, options: BoardLinesOptions): string {
  if (!step) return ' '.repeat(width);
  const time = step.elapsed === undefined ? '' : ` ${sign}${duration(step.elapsed)}`;
  const text = `${mark(step.state, options)}${time}`;
  return styled(styles[step.state], text, options) + ' '.repeat(Math.max(0, width - text.length));
}

/** A mark for every step, and in words the ones that run or have failed. */
function compactCells(
  steps: readonly BoardStep[],
  sign: string,
  room: number,
  options: BoardLinesOptions,
): string {
  const marks = steps.map(({ state }) => styled(styles[state], mark(state, options), options)).join('');
  const spoken = steps.filter(({ state }) => state === 'running' || state === 'failed');
  const words = spoken.map(({ step, elapsed = 0 }) => `${step} ${sign}${duration(elapsed)}`).join(', ');
  return `${marks}  ${words.slice(0, Math.max(0, room - steps.length - 2))}`.trimEnd();
}

function mark(state: StepState, { frame }: BoardLinesOptions): string {
  if (state === 'running') return spinner(frame);
  return { waiting: '·', done: '✔', failed: '✖' }[state];
}

/** Rows without room. */
function hidden(rows: readonly Row[], options: BoardLinesOptions): string[] {
  const hosts = rows.flatMap((row) => row.hosts);
  if (hosts.length === 0) return [];
  const done = hosts.filter((steps) => steps.every(({ state }) => state === 'done')).length;
  return [styled('dim', `  … and ${hosts.length} more hosts, ${done} of them done`, options)];
}

/** What the step that has run longest said last. */
function lastOutput(steps: readonly BoardStep[], options: BoardLinesOptions): string[] {
  const speaking = steps.filter(({ state, line }) => state === 'running' && line !== undefined);
  const longest = speaking.sort((a, b) => (b.elapsed ?? 0) - (a.elapsed ?? 0))[0];
  if (!longest) return [];
  const text = `  ${longest.host} ${longest.step}: ${plainText(longest.line ?? '').replace(/\s/g, ' ')}`;
  const shown = text.length > options.width ? `${text.slice(0, options.width - 1)}…` : text;
  return [styled('dim', shown, options)];
}
