import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json, positiveNumber } from './options';

export const addDoctor: AddCommand = (program, { terminal, done }) =>
  program
    .command('doctor')
    .description('check this machine and all hosts for problems that would make an apply fail')
    .addOption(file())
    .addOption(format('problems'))
    .addOption(json())
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
    .action(async ({ timeout, file, format }) => {
      const { doctorCommand } = await import('../commands/doctor');
      const { processScreen } = await import('../commands/screen');
      const context = { clock: Date.now, environment: process.env, screen: processScreen(false) };
      const options = { file, json: format === 'json', timeoutSeconds: timeout };
      done(await doctorCommand(options, context, terminal));
    });
