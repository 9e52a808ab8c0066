import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommands } from '../../src/hosts/step-commands';
import { escapeTemplate } from '../../src/hosts/template-literal';
import { programs, testGuard } from '../support/guarded-stack';
import { scratchFolders } from '../support/scratch';
import { terraformValues } from '../support/terraform-values';

const scratch = scratchFolders();

/** What a step finds in step.env of what Terraform put there, and the files that came to be meanwhile. */
function parameters(program: string, lateEnv: Record<string, string>, rest: object) {
  const host = scratch();
  mkdirSync(join(host, '.k3s-cdk/x'), { recursive: true });
  writeFileSync(join(host, '.k3s-cdk/x/.brought-by'), './.k3s-cdk-1.sh');
  const inline = runCommands({ step: 'x', upload: undefined, lateEnv });
  // All but the last two, which become root and start the step.
  const commands = terraformValues(program, scratch(), inline.slice(0, -2), rest);
  execFileSync('sh', ['-c', commands.join('\n')], { cwd: host });
  const print = '. ./step.env; for name; do printf "%s\\0" "${!name}"; done';
  const text = execFileSync('bash', ['-euc', print, '-', ...Object.keys(lateEnv)], {
    cwd: join(host, '.k3s-cdk/x'),
    encoding: 'utf8',
  });
  const names = [
    ...readdirSync(host),
    ...readdirSync(join(host, '.k3s-cdk')),
    ...readdirSync(join(host, '.k3s-cdk/x')),
  ];
  return { values: text.split('\0').slice(0, -1), names };
}

testGuard('what Terraform finds when a step starts is a parameter as it is, and never a command', () => {
  const texts = [
    'v1.36.2+k3s1',
    '',
    '$(touch pwned)`touch pwned`',
    '"; touch pwned; "',
    "'; touch pwned; '",
    "a\nb'\ntouch pwned\n",
    '\\n %s ${HOME}',
  ];
  for (const program of programs) {
    const lateEnv = Object.fromEntries(texts.map((_, index) => [`P${index}`, `local.t[${index}]`]));
    const { values, names } = parameters(
      program,
      { ...lateEnv, YES: 'var.yes' },
      {
        locals: { t: texts.map(escapeTemplate) },
        variable: { yes: { type: 'bool', default: true } },
      },
    );
    // One line without single quotes.
    expect(values).toEqual([...texts.map((text) => text.replace(/['\n]/g, '')), 'true']);
    expect(names).toEqual(['.k3s-cdk', 'x', '.brought-by', 'step.env']);
  }
});
