import { Command, CommanderError, Option } from 'commander';
import { version } from '../package.json';
import { terminalConfirm } from './commands/confirm';
import { initCommand } from './commands/init';
import { synthCommand } from './commands/synth';
import { processTerminal } from './commands/terminal';
import { validateCommand } from './commands/validate';

const file = () => new Option('-f, --file <file>', 'cluster description').default('cluster.yaml');
const format = () =>
  new Option('--format <format>', 'how to print issues').choices(['text', 'json']).default('text');

/** Exit code for a command line that cannot be understood; 1 is for everything that is wrong with what it names. */
const usageError = 2;

/** Reads the command line, runs one command and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  let exitCode = 0;
  const program = new Command('k3s-cdk')
    .description('a highly available k3s cluster on small machines from one reviewed file')
    .version(version)
    .showHelpAfterError(
      "run 'k3s-cdk --help' to see the commands, 'k3s-cdk COMMAND --help' for their options",
    )
    .exitOverride();
  program
    .command('synth')
    .description('write cdktf.out and dist from the cluster description')
    .addOption(file())
    .option(
      '-o, --out <dir>',
      'folder that gets cdktf.out and dist (default: the folder of the cluster description)',
    )
    .option('--check', 'write nothing, exit with 1 when the outputs are stale', false)
    .addOption(format())
    .action((options) => {
      // cdktf synth and cdk8s synth run this same step and say where they look for its output.
      const { CDKTF_OUTDIR, CDK8S_OUTDIR } = process.env;
      exitCode = synthCommand(
        {
          ...options,
          ...(CDKTF_OUTDIR && { hostsFolder: CDKTF_OUTDIR }),
          ...(CDK8S_OUTDIR && { clusterFolder: CDK8S_OUTDIR }),
        },
        terminal,
      );
    });
  program
    .command('validate')
    .description('check the cluster description and write nothing')
    .addOption(file())
    .addOption(format())
    .action((options) => {
      exitCode = validateCommand(options.file, options.format, terminal);
    });
  program
    .command('init')
    .description(
      'make the secrets, certificates and known_hosts that are missing beside the cluster description',
    )
    .addOption(file())
    .option('--renew', 'replace certificates that are due or do not fit the cluster', false)
    .option('-y, --yes', 'trust new host keys without asking', false)
    .action(async (options) => {
      exitCode = await initCommand(options, { now: new Date(), confirm: terminalConfirm() }, terminal);
    });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    // Commander has printed what is wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError;
    throw error;
  }
  return exitCode;
}
