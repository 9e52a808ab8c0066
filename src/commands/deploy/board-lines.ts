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

/** Hosts down, steps across, elapsed time in each; as many hosts as there is room for, those at work first. */
export function boardLines(steps: readonly BoardStep[], options: BoardLinesOptions): string[] {
  const hosts = [...new Set(steps.map(({ host }) => host))];
  const names = [...new Set(steps.map(({ step }) => step))];
  const hostWidth = Math.max(...hosts.map((host) => host.length));
  const widths = names.map((name) => Math.max(name.length, '✔ 59m 59s'.length) + 2);
  const isTable = 2 + hostWidth + 2 + widths.reduce((sum, width) => sum + width, 0) <= options.width;
  const header = isTable
    ? [
        styled(
          'dim',
          `  ${' '.repeat(hostWidth)}  ${names.map((name, i) => name.padEnd(widths[i] ?? 0)).join('')}`.trimEnd(),
          options,
        ),
      ]
    : [];
  const said = lastOutput(steps, options);
  const room = Math.max(1, options.height - header.length - said.length);
  const shown = chosen(hosts, steps, hosts.length > room ? room - 1 : room);
  const lines = shown.map((host) => {
    const own = steps.filter((step) => step.host === host);
    const cells = isTable
      ? names
          .map((name, i) =>
            cell(
              own.find(({ step }) => step === name),
              widths[i] ?? 0,
              options,
            ),
          )
          .join('')
      : compactCells(own, options.width - hostWidth - 4, options);
    return `  ${host.padEnd(hostWidth)}  ${cells}`;
  });
  const hidden = hosts.filter((host) => !shown.includes(host));
  return [...header, ...lines, ...summary(hidden, steps, options), ...said];
}

function cell(step: BoardStep | undefined, width: number, options: BoardLinesOptions): string {
  if (!step) return ' '.repeat(width);
  const time = step.elapsed === undefined ? '' : ` ${duration(step.elapsed)}`;
  const text = `${mark(step.state, options)}${time}`;
  return styled(styles[step.state], text, options) + ' '.repeat(Math.max(0, width - text.length));
}

/** A mark for every step, and in words the ones that run or have failed. */
function compactCells(steps: readonly BoardStep[], room: number, options: BoardLinesOptions): string {
  const marks = steps.map(({ state }) => styled(styles[state], mark(state, options), options)).join('');
  const spoken = steps.filter(({ state }) => state === 'running' || state === 'failed');
  const words = spoken.map(({ step, elapsed = 0 }) => `${step} ${duration(elapsed)}`).join(', ');
  return `${marks}  ${words.slice(0, Math.max(0, room - steps.length - 2))}`.trimEnd();
}

function mark(state: StepState, { frame }: BoardLinesOptions): string {
  if (state === 'running') return spinner(frame);
  return { waiting: '·', done: '✔', failed: '✖' }[state];
}

/** Hosts in their order; if there are too many, those that are running or have failed come first. */
function chosen(hosts: readonly string[], steps: readonly BoardStep[], room: number): string[] {
  if (hosts.length <= room) return [...hosts];
  const busy = new Set(
    steps.filter(({ state }) => state === 'running' || state === 'failed').map(({ host }) => host),
  );
  const first = [...hosts.filter((host) => busy.has(host)), ...hosts.filter((host) => !busy.has(host))];
  const kept = new Set(first.slice(0, Math.max(0, room)));
  return hosts.filter((host) => kept.has(host));
}

function summary(
  hidden: readonly string[],
  steps: readonly BoardStep[],
  options: BoardLinesOptions,
): string[] {
  if (hidden.length === 0) return [];
  const done = hidden.filter((host) => steps.every((step) => step.host !== host || step.state === 'done'));
  return [styled('dim', `  … and ${hidden.length} more hosts, ${done.length} of them done`, options)];
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
