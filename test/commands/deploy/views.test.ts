import { stripVTControlCharacters } from 'node:util';
import { boardLines } from '../../../src/commands/deploy/board-lines';
import { LiveView } from '../../../src/commands/deploy/live-view';
import { PlainView } from '../../../src/commands/deploy/plain-view';
import { StepBoard } from '../../../src/commands/deploy/step-board';
import { duration } from '../../../src/status/figures';
import { RecordingTerminal } from '../../support/recording-terminal';

const size = { width: 100, height: 20, frame: 0, color: false };

function board(): StepBoard {
  const board = new StepBoard([
    { host: 'storage1', step: 'prepare' },
    { host: 'server1', step: 'prepare' },
    { host: 'storage1', step: 'database' },
    { host: 'server1', step: 'k3s' },
  ]);
  board.start('storage1', 'prepare', 0);
  board.start('server1', 'prepare', 0);
  board.end('storage1', 'prepare', 'done', 12_300);
  board.end('server1', 'prepare', 'failed', 14_000);
  board.start('storage1', 'database', 12_400);
  board.say('storage1', 'database', 'loading \x1b[32mthe image\x1b[0m\r');
  return board;
}

test.each([
  [400, '0.4s'],
  [9960, '10s'],
  [59_400, '59s'],
  [67_000, '1m 07s'],
  [3_720_000, '1h 02m'],
  [273_600_000, '3d 04h'],
])('%d ms are written as %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test('the board has hosts down and steps across, each with its time, and what the longest step says', () => {
  expect(boardLines(board().steps(20_000), size)).toEqual([
    '            prepare    database   k3s',
    '  storage1  ✔ 12s      ⠋ 7.6s                ',
    '  server1   ✖ 14s                 ·          ',
    '  storage1 database: loading the image ',
  ]);
});

test('on a narrow terminal a host has a mark for each step, and in words what runs or has failed', () => {
  expect(boardLines(board().steps(20_000), { ...size, width: 40 }).slice(0, 2)).toEqual([
    '  storage1  ✔⠋  database 7.6s',
    '  server1   ✖·  prepare 14s',
  ]);
});

test('no line is wider than the terminal', () => {
  for (const width of [20, 30, 59, 60])
    for (const line of boardLines(board().steps(20_000), { ...size, width }))
      expect([width, line.length <= width]).toEqual([width, true]);
});

test('more hosts than lines: those that are equally far share one, with the longest time', () => {
  const steps = Array.from({ length: 30 }, (_, i) => ({ host: `agent${i + 1}`, step: 'prepare' }));
  const many = new StepBoard(steps);
  many.start('agent30', 'prepare', 0);
  many.start('agent2', 'prepare', 0);
  many.end('agent2', 'prepare', 'done', 1000);
  many.start('agent7', 'prepare', 1000);
  many.start('agent8', 'prepare', 1500);
  many.end('agent8', 'prepare', 'failed', 1900);
  const lines = () => boardLines(many.steps(2000), { ...size, height: 6 }).map((line) => line.trimEnd());
  expect(lines()).toEqual([
    '                                   prepare',
    '  agent8                           ✖ 0.4s',
    '  agent7, agent30                  ⠋ ≤2.0s',
    '  agent1, agent[3-6], agent[9-29]  ·',
    '  agent2                           ✔ 1.0s',
  ]);
});

test('three hundred hosts fit the terminal all the time, and those that have failed come first', () => {
  const names = Array.from({ length: 300 }, (_, i) => `agent${String(i + 1).padStart(3, '0')}`);
  const steps = ['prepare', 'firewall', 'nfs-client', 'k3s-binary', 'k3s'];
  const many = new StepBoard(names.flatMap((host) => steps.map((step) => ({ host, step }))));
  const screen = { ...size, width: 80, height: 22 };
  let now = 0;
  for (const step of steps)
    for (const [index, host] of names.entries()) {
      now += 100;
      many.start(host, step, now);
      many.say(host, step, 'working');
      if (index >= 40) many.end(names[index - 40] ?? '', step, index % 97 === 0 ? 'failed' : 'done', now);
      if (index % 20 > 0) continue;
      const lines = boardLines(many.steps(now), screen);
      expect(lines.length).toBeLessThanOrEqual(screen.height);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(screen.width);
    }
  expect(boardLines(many.steps(now), screen)[0]).toContain('✖');
});

/** A terminal that knows what stands on it. */
class FakeScreen {
  readonly color = false;
  lines: string[] = [''];
  raw = '';
  size = () => ({ width: 60, height: 20 });
  write(text: string): void {
    this.raw += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are made of
    for (const part of text.split(/(\x1b\[\d+A\x1b\[J)/)) {
      const up = /\[(\d+)A/.exec(part);
      if (up) this.lines = [...this.lines.slice(0, this.lines.length - 1 - Number(up[1])), ''];
      else {
        const [first = '', ...rest] = stripVTControlCharacters(part).split('\n');
        this.lines = [...this.lines.slice(0, -1), `${this.lines.at(-1)}${first}`, ...rest];
      }
    }
  }
}

test('the live view draws in place: in the end each stage is one line, and the cursor is back', () => {
  jest.useFakeTimers();
  try {
    let now = 0;
    const screen = new FakeScreen();
    const view = new LiveView(screen, () => now);
    view.stage('planning');
    now = 2000;
    jest.advanceTimersByTime(300);
    view.note('something to keep');
    view.stage('hosts', board());
    view.waitingFor('nothing');
    now = 20_000;
    jest.advanceTimersByTime(300);
    expect(screen.lines[2]).toMatch(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] hosts 18s {2}waiting for nothing$/);
    view.end('failed');
    jest.advanceTimersByTime(1000);
    expect(screen.lines.map((line) => line.trimEnd().replace(/[⠙⠹⠸⠼⠴⠦⠧⠇⠏]/, '⠋'))).toEqual([
      'something to keep',
      '✔ planning 2.0s',
      '✖ hosts 18s',
      '            prepare    database   k3s',
      '  storage1  ✔ 12s      ⠋ 7.6s',
      '  server1   ✖ 14s                 ·',
      '  storage1 database: loading the image',
      '',
    ]);
    expect(screen.raw.split('\x1b[?25l')).toHaveLength(3);
    expect(screen.raw.endsWith('\x1b[?25h')).toBe(true);
  } finally {
    jest.useRealTimers();
  }
});

test('the plain view has a line for every event, and says once what it waits for', () => {
  let now = 0;
  const terminal = new RecordingTerminal('/');
  const view = new PlainView(terminal, () => now);
  view.stage('hosts');
  now = 61_000;
  view.event('server1 k3s: started');
  view.waitingFor('controller');
  view.waitingFor('controller');
  view.end();
  expect(terminal.printed).toEqual([
    '[0.0s]    hosts',
    '[1m 01s]  server1 k3s: started',
    '[1m 01s]    waiting for controller',
  ]);
});

test("a host's output cannot control the terminal, whichever view shows it", () => {
  const screen = new FakeScreen();
  new LiveView(screen, () => 0).note('server1: \u001b]0;title\u0007bad\u001b[2J\u202e');
  expect(screen.raw).toBe('server1: bad \n');
  const steps = board();
  steps.start('server1', 'k3s', -60_000);
  steps.say('server1', 'k3s', 'a\u001b[1Ab\nc\u0008');
  expect(boardLines(steps.steps(20_000), size).at(-1)).toBe('  server1 k3s: ab c ');
});
