import { existsSync, writeFileSync } from 'node:fs';
import { GuardedStack, programs, testGuard } from '../support/guarded-stack';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

const k3s = (version: string) => `k3s: { version: ${version} }`;

/** A cluster that runs this version, by every program that is there. */
function running(version: string): GuardedStack[] {
  return programs.map((program) => {
    const guarded = new GuardedStack(scratch(), program, 'k3s-version').want(k3s(version));
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

testGuard('a plan refuses an older version and one that skips a minor version, and takes others', () => {
  for (const guarded of running('v1.34.2+k3s1')) {
    for (const version of ['v1.34.2+k3s2', 'v1.34.10+k3s1', 'v1.35.0+k3s1'])
      expect({ version, ...guarded.want(k3s(version)).run('plan') }).toMatchObject({ version, status: 2 });
    for (const version of ['v1.34.1+k3s1', 'v1.33.9+k3s1']) {
      const { status, output } = guarded.want(k3s(version)).run('plan');
      expect({ version, status }).toEqual({ version, status: 1 });
      expect(output).toContain(
        `k3s v1.34.2+k3s1 runs in this cluster, and there is no way back to ${version}`,
      );
    }
    const { status, output } = guarded.want(k3s('v1.36.0+k3s1')).run('plan');
    expect(status).toBe(1);
    expect(output).toContain('v1.36.0+k3s1 skips a minor version');
    expect(guarded.run('plan', { TF_VAR_any_k3s_version: 'true' }).status).toBe(2);
    // A cluster can always be taken down.
    expect(guarded.run('destroy')).toMatchObject({ status: 0 });
  }
});

testGuard('after an upgrade that failed, the version before is no downgrade', () => {
  for (const guarded of running('v1.34.2+k3s1')) {
    guarded.stepsFail(true);
    expect(guarded.want(k3s('v1.35.0+k3s1')).run('apply').status).toBe(1);
    expect(guarded.known).toBe('v1.34.2+k3s1');
    guarded.stepsFail(false);
    expect(guarded.want(k3s('v1.34.2+k3s1')).run('apply')).toMatchObject({ status: 0 });
    expect(guarded.run('plan')).toMatchObject({ status: 0 });
  }
});

testGuard('a record that is none of ours fails the plan and names it; the cluster can be taken down', () => {
  for (const guarded of running('v1.34.2+k3s1')) {
    for (const text of ['v1.34.2+k3s1; id', '$(id)', 'v1.34.2+k3s1\n$(id)']) {
      const { status, output } = guarded.want(k3s('v1.34.3+k3s1')).run('plan', {
        TF_VAR_last_applied: JSON.stringify({ k3s_version: { value: text } }),
      });
      expect({ text, status }).toEqual({ text, status: 1 });
      expect(output).toContain(
        "The record 'k3s-version' of what was applied last has what k3s-cdk never writes",
      );
    }
    const { output } = guarded.run('plan', { TF_VAR_last_applied: 'No outputs found' });
    expect(output).toContain("This is not what 'output -json' prints");
    expect(guarded.run('destroy')).toMatchObject({ status: 0 });
  }
});

testGuard(
  'Terraform alone takes what is recorded as it is, and refuses to change it until it is told what was applied last',
  () => {
    for (const guarded of running('v1.34.2+k3s1')) {
      expect(guarded.aSecondLater().alone('plan')).toMatchObject({ status: 0 });
      for (const version of ['v1.34.1+k3s1', 'v1.35.0+k3s1']) {
        const { status, output } = guarded.want(k3s(version)).alone('plan');
        expect({ version, status }).toEqual({ version, status: 1 });
        expect(output).toContain('TF_VAR_last_applied="$(terraform output -json)"');
      }
      expect(guarded.run('apply')).toMatchObject({ status: 0 });
      expect(guarded.aSecondLater().alone('plan')).toMatchObject({ status: 0 });
      // Nobody knows how far it came.
      guarded.stepsFail(true);
      expect(guarded.want(k3s('v1.36.0+k3s1')).run('apply').status).toBe(1);
      expect(guarded.alone('plan').status).toBe(1);
    }
  },
);

testGuard('a failed first apply is continued by Terraform alone: nothing was there before', () => {
  for (const program of programs) {
    const guarded = new GuardedStack(scratch(), program, 'k3s-version').want(k3s('v1.34.2+k3s1'));
    expect(guarded.alone('init').status).toBe(0);
    guarded.stepsFail(true);
    expect(guarded.alone('apply').status).toBe(1);
    guarded.stepsFail(false);
    expect(guarded.want(k3s('v1.36.2+k3s1')).alone('apply')).toMatchObject({ status: 0 });
    expect(guarded.known).toBe('v1.36.2+k3s1');
  }
});

testGuard('a note beside the state, where older versions had it, is heeded once and then removed', () => {
  for (const program of programs) {
    const guarded = new GuardedStack(scratch(), program, 'k3s-version').want(k3s('v1.34.1+k3s1'));
    expect(guarded.alone('init').status).toBe(0);
    writeFileSync(guarded.formerFile, 'v1.34.2+k3s1\n');
    expect(guarded.alone('plan')).toMatchObject({
      status: 1,
      output: expect.stringContaining('there is no way back to v1.34.1+k3s1'),
    });
    writeFileSync(guarded.formerFile, '$(id)');
    expect(guarded.want(k3s('v1.34.3+k3s1')).alone('plan').status).toBe(1);
    // As a power cut leaves it.
    writeFileSync(guarded.formerFile, '');
    expect(guarded.alone('apply')).toMatchObject({ status: 0 });
    expect(existsSync(guarded.formerFile)).toBe(false);
    expect(guarded.known).toBe('v1.34.3+k3s1');
  }
});
