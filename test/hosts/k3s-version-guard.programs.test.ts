import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynthesizedHosts } from '../support/hosts-stack';
import { topologyWith } from '../support/hosts-topology';
import { answers, testWhen } from '../support/needs';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

/** A stack with the guard alone: in place of the rollout, a step that fails where there is a file `fails`. */
class Guarded {
  private readonly folder = scratch();
  private readonly stack = join(this.folder, 'cdktf.out/stacks/hosts');

  constructor(private readonly program: string) {
    mkdirSync(this.stack, { recursive: true });
  }

  want(version: string): this {
    const { terraform_data } = SynthesizedHosts.terraform(
      topologyWith(`k3s: { version: ${version} }`),
    ).resource;
    const { variable, locals } = SynthesizedHosts.terraform(
      topologyWith(`k3s: { version: ${version} }`),
    ) as unknown as Record<string, object>;
    const step = {
      triggers_replace: version,
      provisioner: [{ 'local-exec': { command: `test ! -e ${join(this.folder, 'fails')}` } }],
    };
    const { k3s_version, k3s_version_file } = terraform_data ?? {};
    const config = {
      terraform: { backend: { local: { path: '../../../test.tfstate' } } },
      variable,
      locals,
      resource: {
        terraform_data: {
          step,
          k3s_version: { ...k3s_version, depends_on: ['terraform_data.step'] },
          k3s_version_file,
        },
      },
    };
    writeFileSync(join(this.stack, 'cdk.tf.json'), JSON.stringify(config));
    return this;
  }

  run(command: string, env: Record<string, string> = {}) {
    const args = command === 'init' ? [] : command === 'plan' ? ['-detailed-exitcode'] : ['-auto-approve'];
    const { status, stdout, stderr } = spawnSync(
      this.program,
      [`-chdir=${this.stack}`, command, ...args, '-input=false', '-no-color'],
      {
        encoding: 'utf8',
        env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', ...env },
      },
    );
    return { status, output: (stdout + stderr).replace(/\s*\n[│╷╵ ]*/g, ' ') };
  }

  rolloutFails(yes: boolean): void {
    const file = join(this.folder, 'fails');
    if (yes) writeFileSync(file, '');
    else if (existsSync(file)) spawnSync('rm', [file]);
  }

  get known(): string | undefined {
    const file = join(this.folder, 'test.tfstate.k3s-version');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }
}

const programs = ['terraform', 'tofu'].filter((name) => answers(name, 'version'));
const testGuard = testWhen(
  programs.length > 0,
  'the guard of versions is not tried: neither terraform nor tofu is on the PATH',
);

/** A cluster that runs this version, by every program that is there. */
function running(version: string): Guarded[] {
  return programs.map((program) => {
    const guarded = new Guarded(program).want(version);
    expect(guarded.run('init').status).toBe(0);
    expect(guarded.run('apply')).toMatchObject({ status: 0 });
    return guarded;
  });
}

testGuard('what a finished rollout leaves behind changes no plan, and goes with the cluster', () => {
  for (const guarded of running('v1.34.2+k3s1')) {
    expect(guarded.known).toBe('v1.34.2+k3s1');
    expect(guarded.run('plan')).toMatchObject({ status: 0 });
    expect(guarded.run('destroy')).toMatchObject({ status: 0 });
    expect(guarded.known).toBeUndefined();
  }
});

testGuard('a plan refuses an older version and one that leaves out a minor version, and takes others', () => {
  for (const guarded of running('v1.34.2+k3s1')) {
    for (const version of ['v1.34.2+k3s2', 'v1.34.10+k3s1', 'v1.35.0+k3s1'])
      expect({ version, ...guarded.want(version).run('plan') }).toMatchObject({ version, status: 2 });
    for (const version of ['v1.34.1+k3s1', 'v1.33.9+k3s1']) {
      const { status, output } = guarded.want(version).run('plan');
      expect({ version, status }).toEqual({ version, status: 1 });
      expect(output).toContain(
        `k3s v1.34.2+k3s1 runs in this cluster, and there is no way back to ${version}`,
      );
    }
    const { status, output } = guarded.want('v1.36.0+k3s1').run('plan');
    expect(status).toBe(1);
    expect(output).toContain('v1.36.0+k3s1 leaves out a minor version');
    expect(guarded.run('plan', { TF_VAR_any_k3s_version: 'true' }).status).toBe(2);
    // A cluster can always be taken down.
    expect(guarded.run('destroy')).toMatchObject({ status: 0 });
  }
});

testGuard('after an upgrade that failed, the version before is no downgrade', () => {
  for (const guarded of running('v1.34.2+k3s1')) {
    guarded.rolloutFails(true);
    expect(guarded.want('v1.35.0+k3s1').run('apply').status).toBe(1);
    expect(guarded.known).toBe('v1.34.2+k3s1');
    guarded.rolloutFails(false);
    expect(guarded.want('v1.34.2+k3s1').run('apply')).toMatchObject({ status: 0 });
    expect(guarded.run('plan')).toMatchObject({ status: 0 });
  }
});
