import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, hosts, json, positiveNumber } from './options';

export const addDoctor: AddCommand = (program, { terminal, done }) =>
  program
    .command('doctor')
    .description('check this machine and all hosts: what is ready for a deploy, and what would make it fail')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .addOption(hosts())
    .addOption(
      new Option('--timeout <seconds>', 'how long a host may take to answer')
        .default(30)
        .argParser(positiveNumber),
    )
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk doctor', 'each check as it ends, then all problems at once; changes nothing'],
        ['k3s-cdk doctor --json', 'for scripts'],
      ),
    )
    .action(async ({ timeout, file, hosts }) => {
      const { doctorCommand } = await import('../commands/doctor');
      const { interruptible } = await import('../commands/interruptible');
      const context = { clock: Date.now, environment: process.env };
      const options = { file, timeoutSeconds: timeout, hosts };
      done(await interruptible((signal) => doctorCommand(options, { ...context, signal }, terminal)));
    });
