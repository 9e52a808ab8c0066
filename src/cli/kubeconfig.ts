import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addKubeconfig: AddCommand = (program, { terminal, done }) =>
  program
    .command('kubeconfig')
    .description("fetch the administrator's access from a server and merge it into kubectl's file")
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .option('-o, --output <file>', "write it to a separate file instead; '-' prints it")
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk kubeconfig', 'as a context named after the cluster; all others stay'],
        ['k3s-cdk kubeconfig -o lab.kubeconfig', 'for kubectl --kubeconfig lab.kubeconfig'],
      ),
    )
    .action(async (options) => {
      const { defaultKubeconfig, kubeconfigCommand } = await import('../commands/kubeconfig');
      const context = { kubeconfig: defaultKubeconfig(process.env), now: new Date() };
      const { interruptible } = await import('../commands/interruptible');
      done(await interruptible((signal) => kubeconfigCommand(options, { ...context, signal }, terminal)));
    });
