import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What values of a configuration in JSON are to Terraform, all templates in them evaluated.
 *
 * @param program `terraform` or `tofu`
 * @param folder empty, and the module's path to the expressions
 * @param rest what the expressions refer to: `locals`, `variable`
 */
export function terraformValues<T>(program: string, folder: string, values: readonly T[], rest: object = {}) {
  writeFileSync(
    join(folder, 'main.tf.json'),
    JSON.stringify({ ...rest, output: { all: { value: values } } }),
  );
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
    });
    if (status !== 0) throw new Error(`${program} ${args[0]}: ${stderr}`);
    return stdout;
  };
  run('apply', '-auto-approve', '-input=false', '-no-color');
  return JSON.parse(run('output', '-json', 'all')) as T[];
}
