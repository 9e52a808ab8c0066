import type { Host } from '../../src/model/topology';
import { checkHosts } from '../../src/preflight/host-checks';
import type { RunOnHostOptions, SshClient } from '../../src/ssh/client';
import { SshError } from '../../src/ssh/ssh-error';
import { askHosts } from '../../src/status/ask-hosts';
import { readAnswer } from '../../src/status/probe-answer';
import { processorTime } from '../support/processor-time';
import { topologyWith } from '../support/topology';
import { agentAnswer, askedAt, serverAnswer } from './answers';

const topology = topologyWith('');
const [server, agent] = topology.hosts as readonly [Host, Host];

test.each([
  ['a step that is a command', 'step\t$(id)\tfinished', "has '$(id)' for a step"],
  ['a step in a state that there is not', 'step\tk3s\thacked', "has 'hacked' for the state of a step"],
  [
    'a unit that is two commands',
    'unit\tx;reboot\tloaded\tenabled\tfailed\tdead\t0',
    "has 'x;reboot' for a unit",
  ],
  ['a path that ends a quote', "drift\tk3s\tcontent\t/etc/a'b", "has '/etc/a'b' for a path"],
  ['a difference of no kind', 'drift\tk3s\tnothing\t/etc/a', "has 'nothing' for what differs"],
  [
    'a node that is a command',
    'node\ta; rm -rf ~\tTrue\tv1.36.2+k3s1\t\tReady',
    "has 'a; rm -rf ~' for a host name",
  ],
  ['a version in words', 'node\ta\tTrue\tnew, trust me\t\tReady', "has 'new, trust me' for a version"],
  ['a disk that is no path', 'disk\t`id`\t1\t1\t1\t1', "has '`id`' for a path"],
  ['a size that is none', 'disk\t/\tmuch\t1\t1\t1', "has 'much' for the size of a disk"],
  ['memory beyond all numbers', 'memory\t1e999\t1', "has '1e999' for memory"],
  ['a time that is none', 'time\tnoon', "has 'noon' for the time"],
  ['power in words', 'throttled\tzz', "has 'zz' for power flags"],
  ['half of a disk', 'disk\t/', 'has no value for the size of a disk'],
])('%s is no answer', (_, line, message) => {
  expect(() => readAnswer(server, serverAnswer(line), askedAt)).toThrow(message);
});

test('half an answer, a line without an end and lines without number are none, and soon', () => {
  const read = (text: string) => () => readAnswer(server, text, askedAt);
  const readAll = () => {
    expect(read(serverAnswer().slice(0, -6))).toThrow('is not complete');
    expect(read(`${serverAnswer()}model\t${'x'.repeat(5_000_000)}\n`)).toThrow(
      'has a line of 5000006 characters',
    );
    expect(read(`${'unit\n'.repeat(1_500_000)}end\n`)).toThrow("has more than 20000 lines of 'unit'");
    expect(read('\n'.repeat(5_000_000))).toThrow("lines of ''");
  };
  expect(processorTime(readAll)).toBeLessThan(10_000);
});

test('a text for people is cut where nobody reads on', () => {
  const { machine } = readAnswer(agent, agentAnswer(`system\t${'x'.repeat(5000)}\t6.12`), askedAt);
  expect(machine?.system).toBe(`${'x'.repeat(1000)}…`);
});

/** Hosts of which one says what it should not. */
function hosts(answer: (host: Host) => string | SshError) {
  const run = async (host: Host, _: string, __: RunOnHostOptions) => {
    const stdout = answer(host);
    if (typeof stdout !== 'string') throw stdout;
    return { stdout, stderr: '', exitCode: 0 };
  };
  return {
    ssh: { run } as unknown as SshClient,
    folder: '/nowhere',
    timeoutMs: 1000,
    now: () => askedAt.from * 1000,
  };
}

test('a host with a nonsensical or endless answer is one line of status, and the others are shown', async () => {
  const answers: Readonly<Record<string, string | SshError>> = {
    server1: '\u0000\u0000\nend\n<html>',
    agent1: new SshError('too-much', agent, 'sends output without end'),
    agent2: agentAnswer(),
  };
  const found = await askHosts(
    topology,
    hosts(({ name }) => answers[name] ?? ''),
  );
  expect(
    found.map(({ name, reachable, failure, machine }) => [name, reachable, failure, machine !== undefined]),
  ).toEqual([
    ['server1', true, undefined, true],
    ['agent1', true, 'sends output without end', false],
    ['agent2', true, undefined, true],
  ]);
  const [first] = await askHosts(
    topology,
    hosts(() => 'step\t../..\tfinished\nend'),
  );
  expect(first?.failure).toBe(
    "returned an answer that has '../..' for a step: has somebody changed it, or does its shell print something at login?",
  );
});

test('a host with nonsensical checks is one error of doctor, and the others are checked', async () => {
  const found = await checkHosts(
    topology,
    hosts(({ name }) =>
      name === 'server1' ? 'time\tnever\nend\n' : `time\t${askedAt.from}\nsystem\tD\tdebian\t\t13\nend`,
    ),
  );
  expect(found.map(({ checked, problems }) => [checked, problems.map(({ message }) => message)])).toEqual([
    [false, [expect.stringMatching(/^returned an answer that has 'never' for the time/)]],
    [true, []],
    [true, []],
  ]);
});
