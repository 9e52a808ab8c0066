import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Imports that must be refused, by the file that has them. */
const forbidden: Record<string, string[]> = {
  'src/main.ts': ['./roles/hosts-app', './hosts/remote-step', './config/load'],
  'src/cli/a.ts': ['../cluster/cluster-app', '../config/load', 'node:fs'],
  'src/commands/a.ts': [
    '../cli/program',
    '../roles/hosts-app',
    '../roles/nfs/nfs.step',
    '../hosts/remote-step',
    'cdktf',
  ],
  'src/synth.ts': ['./commands/synth', 'cdk8s'],
  'src/roles/hosts-app.ts': ['../cluster/cluster-app', 'cdk8s'],
  'src/roles/hosts-stack.ts': ['../cluster/cluster-app', '../config/config', 'cdk8s-plus-28', 'node:fs'],
  'src/roles/roles.ts': ['cdktf', 'constructs'],
  'src/roles/nfs/nfs.step.ts': ['../../cluster/cluster-app', '../../config/config', 'node:fs'],
  'src/roles/nfs/files/a.ts': ['cdktf', '../../../cluster/cluster-app', '../../../diagram/svg'],
  'src/hosts/a.ts': ['../roles/nfs/nfs.step', '../cluster/cluster-app', 'cdk8s-plus-28', 'node:fs'],
  'src/cluster/a.ts': ['../roles/hosts-app', '../hosts/remote-step'],
  'src/cluster/metallb/a.ts': [
    '../../roles/hosts-app',
    '../../roles/nfs/files/nfs-conf',
    '@cdktf/provider-null',
  ],
  'src/diagram/a.ts': ['../roles/firewall/firewall.step', '../config/load', 'node:fs'],
  'src/review/a.ts': [
    '../roles/hosts-app',
    '../roles/nfs/nfs.step',
    '../commands/synth',
    '../config/load',
    'node:fs',
  ],
  'src/apps/a.ts': ['../roles/hosts-app', '../config/load'],
  'src/model/a.ts': [
    '../roles/hosts-app',
    '../roles/nfs/nfs',
    '../config/load',
    '../config/schema/cluster',
    'constructs',
  ],
  'src/config/a.ts': ['../model/topology', 'node:fs'],
  'src/config/rules/a.ts': ['../../model/topology', '../../roles/nfs/nfs'],
  'src/roles/nfs/status.ts': ['../../status/probe-script', '../../status/status-report'],
  'src/roles/nfs/ports.ts': ['../role', '../../model/topology', 'node:path'],
  'src/output/a.ts': ['../model/topology'],
  'src/kubernetes/a.ts': ['../model/topology', '../config/load', '../cluster/patch', 'node:fs'],
  'src/secrets/a.ts': ['../config/load', '../roles/hosts-app'],
  'src/ssh/a.ts': ['../commands/init'],
  'src/terraform/a.ts': ['../commands/deploy', 'yaml'],
  'src/kubectl/a.ts': ['../synth'],
  'src/programs/a.ts': ['../commands/deploy'],
  'src/recovery/a.ts': ['../commands/restore/restore', '../roles/hosts-app'],
  'src/upkeep/a.ts': ['../commands/update/update', '../roles/hosts-app', '../hosts/remote-step'],
  'src/kubeconfig/a.ts': ['../commands/kubeconfig', '../config/load'],
  'src/status/a.ts': [
    '../commands/init',
    '../roles/hosts-app',
    '../roles/nfs/nfs.step',
    '../roles/load-balancer/files/haproxy-config',
    'cdktf',
  ],
  'src/preflight/a.ts': ['../config/load', '../hosts/remote-step', '../roles/prepare/prepare.step'],
  'src/pki/a.ts': ['../model/topology', 'node:fs'],
  'src/net/a.ts': ['../config/config'],
  'src/files/a.ts': ['../model/topology'],
};

/** The same, and the way to start programs, which one module has. */
const refusals = Object.entries(forbidden).map(
  ([file, targets]) => [file, [...targets, 'node:child_process']] as const,
);

test('the linter refuses imports against the direction of the layers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    for (const name of ['biome.json', 'biome.layers.json', '.gitignore']) cpSync(name, join(folder, name));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    for (const [file, targets] of refusals) {
      const lines = targets.map((target, i) => `import * as a${i} from '${target}';`);
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(
        join(folder, file),
        `${lines.join('\n')}\nexport default [${targets.map((_, i) => `a${i}`)}];\n`,
      );
    }
    const { stdout } = spawnSync(
      resolve('node_modules/.bin/biome'),
      ['lint', '--reporter=github', '--max-diagnostics=none', 'src'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    const refused = stdout.split('\n').filter((line) => line.includes('noRestrictedImports'));
    const missed = refusals.flatMap(([file, targets]) =>
      targets
        .filter((_, i) => !refused.some((line) => line.includes(`${file},line=${i + 1},`)))
        .map((target) => `${file} may import ${target}`),
    );
    expect(missed).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
