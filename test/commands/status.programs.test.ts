import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { initCommand } from '../../src/commands/init';
import { statusCommand } from '../../src/commands/status';
import type { StatusReport } from '../../src/status/status-report';
import { testWhen } from '../support/needs';
import { RecordingTerminal } from '../support/recording-terminal';
import { freePort, Sshd, testWithSshd } from '../support/sshd';

jest.setTimeout(60_000);
// Hosts are asked as root.
const testSsh =
  userInfo().uid === 0 ? testWithSshd() : testWhen(false, 'status is not tried: this is not root');
let folder: string;
let sshd: Sshd;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-status-'));
});
afterEach(() => {
  sshd.stop();
  rmSync(folder, { recursive: true });
});

/** A cluster of which one host is this machine, and the other one off; its secrets are there. */
async function cluster(): Promise<string> {
  sshd = await Sshd.start(['ed25519']);
  const file = join(folder, 'cluster.yaml');
  writeFileSync(
    file,
    `name: homelab
ssh: { user: ${userInfo().username}, privateKey: ${sshd.identity} }
hosts:
  - { name: server1, address: 127.0.0.1, nodeIps: [192.168.10.11], ssh: { port: ${sshd.port} }, roles: [server, database] }
  - { name: agent1, address: 127.0.0.1, nodeIps: [192.168.10.21], ssh: { port: ${await freePort()} }, roles: [agent] }
k3s: { version: v1.36.2+k3s1 }
`,
  );
  const context = { now: new Date(), confirm: undefined };
  await initCommand(
    { file, renew: false, fromHosts: false, yes: true },
    context,
    new RecordingTerminal(folder),
  );
  return file;
}

async function status(file: string, options: { watch?: boolean } = {}, draws = 1) {
  const terminal = new RecordingTerminal(folder);
  const stop = new AbortController();
  const drawn: string[][] = [];
  const screen = {
    color: false,
    draw: (lines: readonly string[]) => {
      drawn.push([...lines]);
      if (options.watch && drawn.length === draws) stop.abort();
    },
  };
  const exitCode = await statusCommand(
    { file, watch: false, timeoutSeconds: 20, ...options },
    { clock: Date.now, signal: stop.signal, environment: {}, screen },
    terminal,
  );
  return { exitCode, drawn, reported: terminal.reported };
}

testSsh('hosts answer in a table, and one that is off is a row of it', async () => {
  const { exitCode, drawn } = await status(await cluster());
  const text = drawn[0]?.join('\n') ?? '';
  expect(exitCode).toBe(1);
  expect(text).toMatch(/^homelab: \d+ errors/);
  expect(text).toMatch(/^server1 +server,database +error +\d/m);
  expect(text).toMatch(/^agent1 +agent +unreachable +- /m);
  expect(text).toContain('error: agent1: refuses the connection: is its SSH server running, on this port?');
  expect(text).toContain('error: server1: has no record of a step: nothing has been applied to it yet');
});

testSsh('for programs it has the machine as well', async () => {
  const { exitCode, reported } = await status(await cluster());
  const report = reported.at(-1) as unknown as StatusReport;
  expect(exitCode).toBe(1);
  expect(report).toMatchObject({ cluster: 'homelab', healthy: false });
  const [server, agent] = report.hosts;
  expect(server?.machine).toMatchObject({
    uptime: expect.any(Number),
    memory: { total: expect.any(Number) },
    disks: expect.arrayContaining([expect.objectContaining({ mount: '/' })]),
    clockSkew: 0,
  });
  expect(agent).toMatchObject({ reachable: false, steps: [], failure: expect.stringMatching(/^refuses/) });
});

testSsh('a watch looks again until it is interrupted, and reports each time', async () => {
  const { exitCode, drawn, reported } = await status(await cluster(), { watch: true }, 2);
  expect(exitCode).toBe(130);
  expect([drawn.length, reported.length]).toEqual([2, 2]);
  expect(reported[1]).toMatchObject({ cluster: 'homelab' });
});
