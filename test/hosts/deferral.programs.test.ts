import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programs, testGuard } from '../support/guarded-stack';
import { SynthesizedHosts } from '../support/hosts-stack';
import { topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';

jest.setTimeout(180_000);
const scratch = scratchFolders();

interface Resource {
  readonly count?: string;
  readonly for_each?: string;
  readonly depends_on?: readonly string[];
  readonly triggers_replace?: Readonly<Record<string, string>>;
}

interface Change {
  readonly address: string;
  readonly change: { readonly actions: readonly string[] };
}

/** All resources of the stack as they depend on each other, without what they do: there is no host. */
function writeStack(folder: string, { counted }: { counted: boolean }): void {
  const topology = { ...topologyWith(), provisioner: 'builtin' as const };
  const { variable, locals, resource } = SynthesizedHosts.terraform(topology) as unknown as {
    variable: { deferred: object };
    locals: { members: object };
    resource: { terraform_data: Record<string, Resource> };
  };
  const bare = Object.entries(resource.terraform_data).map(
    ([name, { count, for_each, depends_on, triggers_replace }]) => [
      name,
      {
        ...(counted && count && { count }),
        ...(for_each && { for_each }),
        ...(depends_on && { depends_on }),
        ...(triggers_replace?.deferred !== undefined && {
          triggers_replace: { deferred: triggers_replace.deferred },
        }),
      },
    ],
  );
  const config = {
    variable: { deferred: variable.deferred },
    locals: { members: Object.fromEntries(Object.keys(locals.members).map((name) => [name, {}])) },
    resource: { terraform_data: Object.fromEntries(bare) },
  };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(config));
}

testGuard('steps of a host that is off leave the plan with nothing else, and all come back with it', () => {
  for (const program of programs) {
    const folder = scratch();
    const run = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(program, [`-chdir=${folder}`, ...args], {
        encoding: 'utf8',
        env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
        maxBuffer: 64 * 1024 * 1024,
      });
      expect({ args, status, stderr }).toMatchObject({ status: 0, stderr: '' });
      return stdout;
    };
    /** What an apply does, by action; it is done. */
    const apply = (...vars: string[]): Record<string, string[]> => {
      run('plan', '-input=false', '-refresh=false', '-out=plan', ...vars);
      const { resource_changes = [] } = JSON.parse(run('show', '-json', 'plan')) as {
        resource_changes?: Change[];
      };
      run('apply', '-input=false', 'plan');
      const found: Record<string, string[]> = {};
      for (const { address, change } of resource_changes)
        for (const action of change.actions)
          if (action !== 'no-op') found[action] = [...(found[action] ?? []), address].sort();
      return found;
    };
    writeStack(folder, { counted: false });
    run('init', '-input=false');
    apply();

    // Of a release that had no such variable.
    writeStack(folder, { counted: true });
    expect(apply()).toEqual({});

    const off = ['-var', 'deferred=["agent1"]'];
    const steps = ['firewall', 'k3s', 'k3s-binary', 'nfs-client', 'prepare'];
    const ofAgent = [...steps, 'finished'].map((step) => `terraform_data.agent1_${step}[0]`);
    const nodes = 'terraform_data.server1_nodes';
    expect(apply(...off)).toEqual({ delete: [...ofAgent, nodes].sort(), create: [nodes] });
    expect(apply(...off)).toEqual({});
    expect(apply()).toEqual({ create: [...ofAgent, nodes].sort(), delete: [nodes] });
  }
});
