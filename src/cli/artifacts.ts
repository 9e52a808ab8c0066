import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addArtifacts: AddCommand = (program, { terminal, done }) =>
  program
    .command('artifacts')
    .description('show what hosts would download, and check the folder that has it in an air gap')
    .addOption(file())
    .option('--list', 'only the list: do not look at the folder', false)
    .addOption(format())
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk artifacts', 'what is missing or wrong in the folder of k3s.artifacts'],
        ['k3s-cdk artifacts --list', 'what to bring: files, images, packages, and from where'],
        ['k3s-cdk artifacts --list --json', 'for a script that fetches it'],
      ),
    )
    .action(async (options) => {
      const { artifactsCommand } = await import('../commands/artifacts');
      done(artifactsCommand(options, terminal));
    });
