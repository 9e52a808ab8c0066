import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, positiveNumber } from './options';

export const addDoctor: AddCommand = (program, { terminal, done }) =>
  program
    .command('doctor')
    .description('check this machine and all hosts for problems that would make an apply fail')
    .addOption(file())
    .option('--json', 'print the problems as JSON', false)
    .addOption(
      new Option('--timeout <seconds>', 'how long a host may take to answer')
        .default(30)
        .argParser(positiveNumber),
    )
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk doctor', 'all problems at once, before the first change; changes nothing'],
        ['k3s-cdk doctor --json', 'for scripts'],
      ),
    )
    .action(async ({ timeout, ...options }) => {
      const { doctorCommand } = await import('../commands/doctor');
      const { processScreen } = await import('../commands/screen');
      const context = { clock: Date.now, environment: process.env, screen: processScreen(false) };
      done(await doctorCommand({ ...options, timeoutSeconds: timeout }, context, terminal));
    });
