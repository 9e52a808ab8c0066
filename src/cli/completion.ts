import { Argument } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';

export const addCompletion: AddCommand = (program, { terminal, done }) =>
  program
    .command('completion')
    .description('print a script that makes TAB complete commands, options and files')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk completion bash', 'in ~/.bashrc: source <(k3s-cdk completion bash)'],
        ['k3s-cdk completion zsh', 'in ~/.zshrc, after compinit: source <(k3s-cdk completion zsh)'],
        ['k3s-cdk completion fish', 'into ~/.config/fish/completions/k3s-cdk.fish'],
      ),
    )
    .action(async (shell) => {
      const { completionCommand } = await import('../commands/completion/completion');
      done(completionCommand(shell, program, terminal));
    });
