import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addSynth: AddCommand = (program, { terminal, done }) =>
  program
    .command('synth')
    .description('write cdktf.out, dist and hosts from the cluster description')
    .addOption(file())
    .option(
      '-o, --out <dir>',
      'folder that gets cdktf.out, dist and hosts (default: the folder of the cluster description)',
    )
    .option('--check', 'write nothing, exit with 1 when the outputs are out of date', false)
    .addOption(format())
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk synth', 'from ./cluster.yaml, beside it; prints a line per changed file'],
        ['k3s-cdk synth -f lab.yaml -o lab', 'another description, into the folder lab'],
        ['k3s-cdk synth --check', 'for CI: are the committed outputs those of this file?'],
      ),
    )
    .action(async (options) => {
      const { synthCommand } = await import('../commands/synth');
      // cdktf synth and cdk8s synth run this same step and pass the folders where they look for its output.
      const { CDKTF_OUTDIR, CDK8S_OUTDIR } = process.env;
      const folders = {
        ...(CDKTF_OUTDIR && { hostsFolder: CDKTF_OUTDIR }),
        ...(CDK8S_OUTDIR && { clusterFolder: CDK8S_OUTDIR }),
      };
      done(synthCommand({ ...options, ...folders }, { environment: process.env }, terminal));
    });
