import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json, positiveNumber } from './options';

export const addStatus: AddCommand = (program, { terminal, done }) =>
  program
    .command('status')
    .description('show the state of all hosts: machines, services, certificates, manual changes')
    .addOption(file())
    .addOption(format('it'))
    .addOption(json())
    .option('-w, --watch', 'refresh until Ctrl-C', false)
    .addOption(
      new Option('--timeout <seconds>', 'how long a host may take to answer')
        .default(15)
        .argParser(positiveNumber),
    )
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk status', 'a table, and a sentence for each problem; exit code 1 for any'],
        ['k3s-cdk status --json', 'for scripts'],
        ['k3s-cdk status --watch', 'during an upgrade'],
      ),
    )
    .action(async ({ timeout, file, watch, format }) => {
      const { statusCommand } = await import('../commands/status');
      const { processScreen } = await import('../commands/screen');
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort());
      const context = {
        ...{ clock: Date.now, signal: interrupted.signal, environment: process.env },
        screen: processScreen(watch),
      };
      const options = { file, watch, json: format === 'json', timeoutSeconds: timeout };
      done(await statusCommand(options, context, terminal));
    });
