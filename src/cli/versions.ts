import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

const compares = `
Compares what this k3s-cdk was built and tested with (releases of k3s, charts,
images) with what cluster.yaml uses. Contacts no registry and no host: it cannot
know whether a newer release is out, ignores the patches in cluster.yaml, and
leaves it to 'k3s-cdk status' to show what hosts run.
`;

export const addVersions: AddCommand = (program, { terminal, done }) =>
  program
    .command('versions')
    .description('show releases and images: what is pinned here, and what the cluster uses')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .addHelpText('after', compares)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk versions', 'what is older, newer, or held by a tag that may move'],
        ['k3s-cdk versions --json', 'with whole digests'],
      ),
    )
    .action(async (options) => {
      const { versionsCommand } = await import('../commands/versions');
      done(versionsCommand(options, terminal));
    });
