import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { statusCommand } from '../../src/commands/status';
import { wrapped } from '../../src/commands/wrap';
import type { Host } from '../../src/model/topology';
import type { HostStatus } from '../../src/status/host-status';
import type { StatusReport } from '../../src/status/status-report';
import { clusterYaml, Project } from '../support/project';
import { RecordingTerminal } from '../support/recording-terminal';
import { scratchFolders } from '../support/scratch';

let ask: (signal: AbortSignal, hosts: readonly Host[]) => Promise<HostStatus[]>;
jest.mock('../../src/status/ask-hosts', () => ({
  askHosts: (_: unknown, { signal, hosts }: { signal: AbortSignal; hosts: readonly Host[] }) =>
    ask(signal, hosts),
}));

const scratch = scratchFolders();

/** A server with files that are not as these steps have left them. */
function changedBy(name: string, steps: readonly string[]): HostStatus {
  const host = { name, address: '192.168.10.11', roles: ['server' as const], reachable: true };
  const drift = steps.map((step) => ({ step, path: `/etc/${step}`, kind: 'content' as const }));
  const records = steps.map((step) => ({ name: step, state: 'finished' as const }));
  return { ...host, failure: 'says no more', units: [], steps: records, drift, certificates: [] };
}

async function status(project: Project, options: { watch?: boolean; hosts?: string } = {}) {
  const bin = scratch();
  writeFileSync(join(bin, 'tofu'), '');
  const drawn: string[] = [];
  const stop = new AbortController();
  const terminal = new RecordingTerminal(project.folder);
  const screen = {
    ...{ color: false, width: 80, height: 24 },
    draw: (lines: readonly string[]) => void drawn.push(...lines),
  };
  const running = statusCommand(
    { file: project.file, watch: false, timeoutSeconds: 1, ...options },
    { clock: Date.now, signal: stop.signal, environment: { PATH: bin }, screen },
    terminal,
  );
  return { stop: () => stop.abort(), drawn, reported: terminal.reported, exitCode: running };
}

test('steps whose work has changed are named as Terraform does, those that are no longer described are not', async () => {
  const project = new Project(clusterYaml({ servers: ['1st', 'server2'] }));
  ask = async () => [changedBy('1st', ['k3s', 'nfs'])];
  const { drawn, reported, exitCode } = await status(project);
  expect(await exitCode).toBe(1);
  expect(drawn.at(-1)).toBe('  tofu -chdir=cdktf.out/stacks/hosts apply -replace=null_resource.host_1st_k3s');
  const [report] = reported as unknown as StatusReport[];
  expect(report?.repair).toEqual(['null_resource.host_1st_k3s']);
});

test.each([
  ['a look', false],
  ['a watch, which has no other end,', true],
])('%s that Ctrl-C ends exits as shells do', async (_, watch) => {
  ask = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  const { stop, exitCode } = await status(new Project(clusterYaml()), { watch });
  stop();
  expect(await exitCode).toBe(130);
});

test('what a watch has no room for does not push the rest off the screen: it is counted', async () => {
  const many = Array.from({ length: 60 }, (_, i) => ({
    ...changedBy(`x${i}`, []),
    failure: `says '${'no '.repeat(i)}': ${'this is a long sentence '.repeat(4)}`,
  }));
  ask = async () => many;
  const { stop, drawn, exitCode } = await status(new Project(clusterYaml()), { watch: true });
  for (let tries = 0; drawn.length === 0 && tries < 500; tries += 1) await setTimeout(10);
  stop();
  await exitCode;
  expect(drawn[0]).toMatch(/errors on 60 hosts$/);
  expect(wrapped(drawn.join('\n'), 80).split('\n').length).toBeLessThan(24);
  expect(drawn.at(-1)).toMatch(/^… and \d+ more lines, which 'k3s-cdk status' shows$/);
});

test('of hosts that are named, only those and the servers are asked, and decide the exit code', async () => {
  const project = new Project(clusterYaml({ servers: ['server1', 'server2'] }));
  let asked: string[] = [];
  ask = async (_, hosts) => {
    asked = hosts.map(({ name }) => name);
    return [changedBy('server1', ['k3s'])];
  };
  const { drawn, exitCode } = await status(project, { hosts: 'server2' });
  expect([await exitCode, drawn[0]]).toEqual([0, expect.stringMatching(/healthy, 0 hosts$/)]);
  expect(asked).toEqual(['server1', 'server2']);
  const wrong = await status(project, { hosts: 'agent7' });
  expect([await wrong.exitCode, wrong.drawn]).toEqual([1, []]);
});
