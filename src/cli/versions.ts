import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file } from './options';

const compares = `
Compares what this k3s-cdk was made and tried with (releases of k3s, charts, images) with what
cluster.yaml takes. Asks no registry and no host: whether a newer release is out it cannot know,
patches of cluster.yaml it does not look at, and what hosts run is shown by 'k3s-cdk status'.
`;

export const addVersions: AddCommand = (program, { terminal, done }) =>
  program
    .command('versions')
    .description('show releases and images: what is pinned here, and what the cluster takes')
    .addOption(file())
    .addOption(
      new Option('--format <format>', 'table, or everything for scripts')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', compares)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk versions', 'what is older, newer, or held by a tag that may move'],
        ['k3s-cdk versions --format json', 'with whole digests'],
      ),
    )
    .action(async (options) => {
      const { versionsCommand } = await import('../commands/versions');
      done(versionsCommand(options, terminal));
    });
