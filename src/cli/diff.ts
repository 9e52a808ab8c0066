import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, hosts, json } from './options';

export const addDiff: AddCommand = (program, { terminal, done }) =>
  program
    .command('diff')
    .description('show what a change of the cluster description does, from the files alone')
    .argument('[revision]', 'git revision to compare with, or the first of two files', 'HEAD')
    .argument('[file]', 'the second of two files')
    .addOption(file())
    .addOption(
      new Option('--format <format>', 'what to print, for people, pull requests or programs')
        .choices(['text', 'markdown', 'json'])
        .default('text'),
    )
    .addOption(new Option('--markdown', 'the same as --format markdown').implies({ format: 'markdown' }))
    .addOption(json())
    .addOption(hosts('show only what happens on these'))
    .addHelpText(
      'after',
      `${examples(
        ['k3s-cdk diff', 'what is not committed yet, against HEAD'],
        ['k3s-cdk diff origin/main', 'what this branch does: steps, restarts, objects'],
        ['k3s-cdk diff origin/main --markdown', 'for a comment in a pull request'],
        ['k3s-cdk diff old.yaml new.yaml', 'two files'],
      )}\n\nExit codes: 3 something changes`,
    )
    .action(async (from, to, options, command) => {
      if (to !== undefined && command.getOptionValueSource('file') === 'cli')
        command.error(
          'error: --file is what a revision is compared with: name two files, or one and a revision',
        );
      const { diffCommand } = await import('../commands/diff/diff');
      done(await diffCommand({ ...options, from, to }, { environment: process.env }, terminal));
    });
