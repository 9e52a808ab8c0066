import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainDiagnostic } from '../../src/terraform/explain-diagnostic';
import { parseLine } from '../../src/terraform/messages';
import { GuardedStack, programs, testGuard } from '../support/guarded-stack';
import { testWhen } from '../support/needs';
import { scratchFolders } from '../support/scratch';
import { httpStates, pgStates, postgres, type StateServer } from '../support/state-servers';

jest.setTimeout(120_000);
const scratch = scratchFolders();
const k3s = (version: string) => `k3s: { version: ${version} }`;

const servers: (() => void)[] = [];
afterEach(() => {
  for (const stop of servers.splice(0)) stop();
});

async function states(type: string): Promise<StateServer> {
  // Sockets have short paths.
  const folder = mkdtempSync(join(tmpdir(), 'pg-'));
  const server = type === 'http' ? await httpStates() : pgStates(folder);
  servers.push(() => {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

const testPg = testWhen(
  programs.length > 0 && postgres !== undefined,
  'the backend pg is not tried: there is no Postgres of Debian in /usr/lib/postgresql',
);

/** What somebody is told whose Terraform found the state locked. */
function told(folder: string, program: string): string {
  const { stdout } = spawnSync(program, [`-chdir=${folder}`, 'plan', '-json', '-input=false'], {
    encoding: 'utf8',
    env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
  });
  const messages = stdout.split('\n').flatMap((line) => parseLine(line)?.message ?? []);
  return messages.flatMap((each) => (each.type === 'diagnostic' ? [explainDiagnostic(each)] : [])).join('\n');
}

const cases = [
  [
    'http',
    testGuard,
    /^somebody else is working on this cluster \([\w-]+; the server .* force-unlock [\w-]+'/,
  ],
  ['pg', testPg, /^somebody else is working on this cluster.* FROM pg_stat_activity/],
] as const;
for (const [type, testBackend, holder] of cases) {
  testBackend(
    `with ${type}, another folder knows what was applied, and refuses what must not be`,
    async () => {
      for (const program of programs) {
        const { backend } = await states(type);
        const [one, other] = [1, 2].map(() =>
          new GuardedStack(scratch(), program, 'k3s-version', backend).want(k3s('v1.34.2+k3s1')),
        );
        if (!one || !other) throw new Error('there are two');
        expect(one.run('init')).toMatchObject({ status: 0 });
        expect(one.run('apply')).toMatchObject({ status: 0 });
        expect(readdirSync(one.folder)).toEqual(['cdktf.out']);

        expect(other.run('init')).toMatchObject({ status: 0 });
        expect(other.aSecondLater().alone('plan')).toMatchObject({ status: 0 });
        expect(other.want(k3s('v1.35.0+k3s1')).run('apply')).toMatchObject({ status: 0 });
        const { status, output } = one.run('plan');
        expect({ status, output }).toMatchObject({
          status: 1,
          output: expect.stringContaining('k3s v1.35.0+k3s1 runs in this cluster, and there is no way back'),
        });
        expect(one.alone('plan').status).toBe(1);
        expect(one.run('destroy')).toMatchObject({ status: 0 });
        expect(other.known).toBeUndefined();
      }
    },
  );

  testBackend(`with ${type}, the second of two at once is told who is first`, async () => {
    for (const program of programs) {
      const { backend } = await states(type);
      const guarded = new GuardedStack(scratch(), program, 'k3s-version', backend).want(k3s('v1.34.2+k3s1'));
      expect(guarded.run('init')).toMatchObject({ status: 0 });
      const begun = join(guarded.folder, 'begun');
      guarded.stepsWait(begun);
      const first = spawn(program, [`-chdir=${guarded.stack}`, 'apply', '-auto-approve', '-input=false'], {
        env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
        stdio: 'ignore',
        detached: true,
      });
      try {
        while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 50));
        expect(told(guarded.stack, program)).toMatch(holder);
      } finally {
        process.kill(-(first.pid ?? 0), 'SIGKILL');
        await once(first, 'exit');
      }
    }
  });
}
