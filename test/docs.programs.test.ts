import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codeBlocks, pages } from './support/markdown';
import { scratchFolders } from './support/scratch';

const scratch = scratchFolders();

/** A project with the reference cluster, and `npx` and `k3s-cdk` that run this program. */
function project(): { folder: string; path: string } {
  const folder = scratch();
  const programs = join(folder, '.programs');
  mkdirSync(programs);
  const run = `exec ${process.execPath} ${resolve('bin/k3s-cdk.js')} "$@"`;
  for (const [name, text] of [
    ['k3s-cdk', run],
    ['npx', `[[ $1 == k3s-cdk ]] && shift && ${run}`],
  ] as const) {
    writeFileSync(join(programs, name), `#!/usr/bin/env bash\n${text}\n`);
    chmodSync(join(programs, name), 0o755);
  }
  cpSync('cluster.yaml', join(folder, 'cluster.yaml'));
  for (const name of ['package.json', 'bin', 'src', 'imports', 'tools', 'node_modules', 'package-lock.json'])
    symlinkSync(resolve(name), join(folder, name));
  return { folder, path: `${programs}:${process.env.PATH}` };
}

/** Blocks of shell commands, page by page. */
const scripts = pages.map(
  (page) => [page, codeBlocks(page).filter(({ language }) => language === 'sh')] as const,
);

test.each(scripts.filter(([, blocks]) => blocks.some(({ notRun }) => !notRun)))(
  'the commands of %s work in the order of the page',
  (_, blocks) => {
    const { folder, path } = project();
    for (const { place, lines, notRun } of blocks) {
      if (notRun !== undefined) continue;
      const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', lines.join('\n')], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, PATH: path },
      });
      expect({ place, status, stderr: status === 0 ? '' : stderr }).toEqual({ place, status: 0, stderr: '' });
    }
  },
);

test('there are pages whose commands are run', () => {
  const run = scripts.flatMap(([, blocks]) => blocks.filter(({ notRun }) => !notRun));
  expect(run.length).toBeGreaterThan(2);
});
