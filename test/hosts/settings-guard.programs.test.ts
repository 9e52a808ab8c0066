import { spawnSync } from 'node:child_process';
import { GuardedStack, programs, testGuard } from '../support/guarded-stack';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const k3s = (config: string) => `k3s: { version: v1.36.2+k3s1, config: { ${config} } }`;
const network = (pods: string, services: string) => `network: { pods: [${pods}], services: [${services}] }`;
const usual = network('10.42.0.0/16', '10.43.0.0/16');

/** A cluster that was applied so, by every program that is there. */
function running(yaml: string): GuardedStack[] {
  return programs.map((program) => {
    const guarded = new GuardedStack(scratch(), program, 'fixed-settings').want(yaml);
    expect(guarded.run('init').status).toBe(0);
    expect(guarded.run('apply')).toMatchObject({ status: 0 });
    return guarded;
  });
}

testGuard(
  'what a running cluster keeps is noted and refused to change at plan time, each with what was and is to be',
  () => {
    for (const guarded of running(usual)) {
      expect(guarded.known).toBe(
        'network.pods=10.42.0.0/16 network.services=10.43.0.0/16 k3s.config.secrets-encryption=false k3s.config.cluster-domain=cluster.local k3s.config.flannel-backend=vxlan nfs.storage1=192.168.10.10:/srv/nfs',
      );
      for (const [yaml, ...reported] of [
        [
          network('10.44.0.0/16', '10.45.0.0/16'),
          "'network.pods' is 10.42.0.0/16 in this cluster, and cannot become 10.44.0.0/16 while it runs",
          "'network.services' is 10.43.0.0/16 in this cluster, and cannot become 10.45.0.0/16 while it runs",
        ],
        [
          network('10.42.0.0/16, "fd00:42::/56"', '10.43.0.0/16, "fd00:43::/112"'),
          '10.42.0.0/16,fd00:42::/56',
        ],
        [k3s('cluster-domain: home.arpa'), 'is cluster.local in this cluster, and cannot become home.arpa'],
        [k3s('flannel-backend: wireguard-native'), 'vxlan in this cluster', 'reboot every node afterwards'],
        [k3s('secrets-encryption: true'), 'each server makes a key of its own'],
        [
          'nfs: { path: /srv/volumes }',
          'What storage1 exports is 192.168.10.10:/srv/nfs',
          'TF_VAR_leave_data=true',
        ],
      ] as const) {
        const { status, output } = guarded.want(yaml).run('plan');
        expect({ yaml, status, output }).toMatchObject({ status: 1 });
        for (const text of reported) expect(output).toContain(text);
      }
    }
  },
);

testGuard('what only looks different, and what is new, is not refused', () => {
  for (const guarded of running(network('10.42.0.0/16, "fd00:42::/56"', '10.43.0.0/16, "fd00:43::/112"'))) {
    const spelled = network('10.42.0.0/16, "FD00:0042::0/56"', '10.43.0.0/16, "fd00:43::/112"');
    expect(
      guarded.want(`${spelled}\n${k3s('flannel-backend: vxlan, secrets-encryption: false')}`).run('plan'),
    ).toMatchObject({ status: 2 });
    guarded.run('apply');
    // Recorded before this setting was.
    const before = { fixed_settings: { value: 'network.pods=10.42.0.0/16,fd00:42::/56' } };
    expect(
      guarded
        .want(`${spelled}\n${k3s('cluster-domain: home.arpa')}`)
        .run('apply', { TF_VAR_last_applied: JSON.stringify(before) }),
    ).toMatchObject({ status: 0 });
    expect(guarded.known).toContain('k3s.config.cluster-domain=home.arpa');
  }
});

testGuard(
  'before the first server runs nothing is kept; who knows better is let through; a destroy forgets',
  () => {
    for (const guarded of running(usual)) {
      const other = network('10.44.0.0/16', '10.45.0.0/16');
      guarded.want(other).stepsFail(true);
      expect(guarded.run('apply', { TF_VAR_change_fixed_settings: 'true' }).status).toBe(1);
      expect(guarded.known).toContain('network.pods=10.42.0.0/16');
      guarded.stepsFail(false);
      expect(guarded.run('apply', { TF_VAR_change_fixed_settings: 'true' })).toMatchObject({ status: 0 });
      expect(guarded.known).toContain('network.pods=10.44.0.0/16');
      expect(guarded.run('plan')).toMatchObject({ status: 0 });
      expect(guarded.want(usual).run('destroy')).toMatchObject({ status: 0 });
      expect(guarded.known).toBeUndefined();
      expect(guarded.run('apply')).toMatchObject({ status: 0 });
    }
  },
);

testGuard(
  'a renamed cluster is not made anew beside the old one, and the commands that are reported rename it',
  () => {
    for (const guarded of running(usual)) {
      guarded.want(`name: other\n${usual}`);
      expect(guarded.run('init', {}, '-reconfigure').status).toBe(0);
      const { status, output } = guarded.run('plan');
      expect(status).toBe(1);
      expect(output).toContain(
        "The cluster in this folder is 'test', and 'other' would be created from scratch beside it",
      );
      const [, commands = ''] = /.*run in this folder: (.*?terraform\.tfstate)\. /.exec(output) ?? [];
      expect(spawnSync('sh', ['-c', commands], { cwd: guarded.folder, encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
      expect(guarded.run('init').status).toBe(0);
      expect(guarded.run('apply')).toMatchObject({ status: 0 });
      expect(guarded.run('plan')).toMatchObject({ status: 0 });
      expect(guarded.known).toContain('network.pods=10.42.0.0/16');
      expect(guarded.want(`name: other\n${network('10.44.0.0/16', '10.45.0.0/16')}`).run('plan').status).toBe(
        1,
      );
      expect(guarded.run('destroy')).toMatchObject({ status: 0 });
      expect(guarded.known).toBeUndefined();
    }
  },
);
