import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, hosts } from './options';

export const addDiagram: AddCommand = (program, { terminal, done }) =>
  program
    .command('diagram')
    .description('draw the cluster: hosts, addresses, and who talks to whom on which port')
    .addOption(file())
    .addOption(hosts('of the agents, only these'))
    .option('-o, --output <file>', 'file to write (default: standard output, if that is not a terminal)')
    .addOption(
      new Option('--format <format>', 'picture, or text for Markdown')
        .choices(['svg', 'mermaid'])
        .default('svg'),
    )
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk diagram -o cluster.svg', 'a picture for light and dark pages'],
        ['k3s-cdk diagram --format mermaid', 'a flowchart for Markdown'],
      ),
    )
    .action(async (options) => {
      const { diagramCommand } = await import('../commands/diagram');
      done(diagramCommand({ ...options, onScreen: process.stdout.isTTY ?? false }, terminal));
    });
