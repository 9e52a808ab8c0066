import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addValidate: AddCommand = (program, { terminal, done }) =>
  program
    .command('validate')
    .description('check the cluster description and write nothing')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk validate', 'every mistake at once, with line, column and what to do'],
        ['k3s-cdk validate -f examples/bgp.yaml', 'another file'],
        ['k3s-cdk validate --json', 'for editors and scripts'],
      ),
    )
    .action(async (options) => {
      const { validateCommand } = await import('../commands/validate');
      done(validateCommand(options.file, terminal));
    });
