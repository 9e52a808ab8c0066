import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lab } from './lab';
import { leftovers } from './leftovers';
import { waitFor } from './wait';

const directory = mkdtempSync(join(tmpdir(), 'lab-crash-'));
const cluster = join(directory, 'cluster.yaml');
const name = `test-crash-${process.pid}`;

beforeAll(() => {
  writeFileSync(
    cluster,
    `name: ${name}
ssh: { user: pi }
hosts:
  - { name: storage1, address: 10.79.0.10, roles: [database, nfs] }
  - { name: server1, address: 10.79.0.11, roles: [server] }
k3s: { version: v1.34.1+k3s1 }
`,
  );
});

afterAll(async () => {
  await Lab.removeAbandoned();
  rmSync(directory, { recursive: true });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'in the foreground, %s takes the lab down',
  async (signal) => {
    const { child, output } = foreground();
    await waitFor('the lab is up', () => output().includes('Ctrl-C takes the lab down'), {
      timeout: 120_000,
      explain: output,
    });
    expect(output()).toContain(`ip netns exec lab-${name} ssh -F`);
    child.kill(signal);
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect({ status, leftovers: leftovers(name) }).toEqual({ status: 0, leftovers: [] });
  },
);

test('what a killed process has left goes before the next lab comes', async () => {
  const { child, output } = foreground();
  await waitFor('the lab is up', () => output().includes('Ctrl-C takes the lab down'), {
    timeout: 120_000,
    explain: output,
  });
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  expect(leftovers(name)).not.toEqual([]);
  await Lab.removeAbandoned();
  expect(leftovers(name)).toEqual([]);
});

/** `npm run lab`, as one process that signals can be sent to. */
function foreground() {
  const program = ['--import', 'tsx', join(__dirname, 'cli.ts'), '-f', cluster];
  const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  return { child, output: () => text };
}
