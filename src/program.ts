import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { version } from '../package.json';
import type { Terminal } from './commands/terminal';

const file = () => new Option('-f, --file <file>', 'cluster description').default('cluster.yaml');
const format = () =>
  new Option('--format <format>', 'how to print issues').choices(['text', 'json']).default('text');

/** Ends the help of a command: commands as they are typed, each with what it is for unless it says so itself. */
function examples(...rows: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...rows.map(([command, meaning]) => (meaning === '' ? 0 : command.length)));
  return `\nExamples:\n${rows.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd()).join('\n')}`;
}

/**
 * The commands, their options and their help. What a command does is loaded when it runs, so that help, completion
 * and the small commands start at once.
 *
 * @param packageRoot folder of this program
 * @param done gets the exit code of the command that ran
 */
export function createProgram(
  terminal: Terminal,
  packageRoot: string,
  done: (exitCode: number) => void,
): Command {
  const program = new Command('k3s-cdk')
    .description('a highly available k3s cluster on small machines from one reviewed file')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError(
      "run 'k3s-cdk --help' to see the commands, 'k3s-cdk COMMAND --help' for their options",
    )
    .exitOverride();
  addSynth(program, terminal, done);
  addValidate(program, terminal, done);
  addInit(program, terminal, done, packageRoot);
  addStatus(program, terminal, done);
  addDoctor(program, terminal, done);
  addDeploy(program, terminal, done);
  addKubeconfig(program, terminal, done);
  addDiagram(program, terminal, done);
  addBackup(program, terminal, done);
  addRestore(program, terminal, done);
  addCompletion(program, terminal, done);
  return program.addHelpText('after', `${firstSteps}\n\n${exitCodes}`);
}

const firstSteps = examples(
  ['k3s-cdk validate', 'every mistake of cluster.yaml at once, with line and column'],
  ['k3s-cdk init', 'begin a cluster.yaml; secrets, certificates and known_hosts for its hosts'],
  ['k3s-cdk synth', 'cdktf.out for terraform, dist for kubectl'],
);

const exitCodes =
  'Exit codes: 0 done, 1 something is wrong or left to do, 2 wrong command line, 70 a bug of k3s-cdk';

function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('it must be a number greater than 0.');
  return number;
}

type Add = (program: Command, terminal: Terminal, done: (exitCode: number) => void) => void;

const addSynth: Add = (program, terminal, done) =>
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
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk synth', 'from ./cluster.yaml, beside it; says what changed, a line a file'],
        ['k3s-cdk synth -f lab.yaml -o lab', 'another description, into the folder lab'],
        ['k3s-cdk synth --check', 'for CI: are the committed outputs those of this file?'],
      ),
    )
    .action(async (options) => {
      const { synthCommand } = await import('./commands/synth');
      // cdktf synth and cdk8s synth run this same step and say where they look for its output.
      const { CDKTF_OUTDIR, CDK8S_OUTDIR } = process.env;
      const folders = {
        ...(CDKTF_OUTDIR && { hostsFolder: CDKTF_OUTDIR }),
        ...(CDK8S_OUTDIR && { clusterFolder: CDK8S_OUTDIR }),
      };
      done(synthCommand({ ...options, ...folders }, terminal));
    });

const addValidate: Add = (program, terminal, done) =>
  program
    .command('validate')
    .description('check the cluster description and write nothing')
    .addOption(file())
    .addOption(format())
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk validate', 'every mistake at once, with line, column and what to do'],
        ['k3s-cdk validate -f examples/bgp.yaml', 'another file'],
        ['k3s-cdk validate --format json', 'for editors and scripts'],
      ),
    )
    .action(async (options) => {
      const { validateCommand } = await import('./commands/validate');
      done(validateCommand(options.file, options.format, terminal));
    });

/** An option that may be given several times. */
const several = (flags: string, description: string) =>
  new Option(flags, description)
    .argParser((text: string, before: string[]) => [...before, text])
    .default([], 'none');

const addInit = (
  program: Command,
  terminal: Terminal,
  done: (exitCode: number) => void,
  packageRoot: string,
) =>
  program
    .command('init')
    .summary('begin a cluster, or make what is missing beside its description')
    .description(
      'Begins a cluster description when there is none, from these options or by asking. Then makes the secrets, certificates and known_hosts that are missing beside it. What is there is never changed.',
    )
    .argument('[name]', 'name of a new cluster (default: the name of the folder)')
    .addOption(file())
    .optionsGroup('A new cluster (hosts are ADDRESS or NAME=ADDRESS):')
    .addOption(
      several('--server <host>', 'a host for the control plane, once each; three for high availability'),
    )
    .addOption(several('--agent <host>', 'a host that only runs pods, once each'))
    .option('--database <host>', 'host for Postgres (default: the server, when there is one only)')
    .option('--nfs <host>', "host for the files of pods, or 'none' (default: that of --database)")
    .option('--vip <address>', 'virtual IP of the API, needed with several servers')
    .addOption(several('--pool <range>', 'addresses for services of type LoadBalancer, FIRST-LAST'))
    .option('--user <user>', 'user on the hosts (default: your name here)')
    .option('--ssh-key <file>', 'private key for the hosts (default: what ssh would take)')
    .optionsGroup('Secrets and host keys:')
    .option('--renew', 'replace certificates that are due or do not fit the cluster', false)
    .option('-y, --yes', 'trust new host keys without asking', false)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk init', 'ask for what is needed; later: make what is missing'],
        ['k3s-cdk init board --server 192.168.1.50', 'everything on one machine'],
        ['k3s-cdk init --renew', 'replace certificates before they expire'],
        ['k3s-cdk init --yes', 'trust the keys that the hosts show, for scripts'],
        ['k3s-cdk init lab --database 10.0.0.10 --server 10.0.0.11 --server 10.0.0.12 --vip 10.0.0.5', ''],
      ),
    )
    .action(async (name: string | undefined, { file, renew, yes, ...flags }) => {
      const { ensureCluster, surroundingsHere } = await import('./commands/new-cluster/ensure');
      const clusterFlags = { ...flags, ...(name !== undefined && { name }) };
      const context = { packageRoot, surroundings: surroundingsHere() };
      if (!(await ensureCluster(file, clusterFlags, context, terminal))) return done(1);
      const { initCommand } = await import('./commands/init');
      const { terminalConfirm } = await import('./commands/confirm');
      const confirm = terminalConfirm();
      done(await initCommand({ file, renew, yes }, { now: new Date(), confirm }, terminal));
    });

const addStatus: Add = (program, terminal, done) =>
  program
    .command('status')
    .description('ask all hosts how they are: machines, services, certificates, changes by hand')
    .addOption(file())
    .option('--json', 'print all of it as JSON', false)
    .option('-w, --watch', 'look again and again, until Ctrl-C', false)
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
    .action(async (options) => {
      const { statusCommand } = await import('./commands/status');
      const { processScreen } = await import('./commands/screen');
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort());
      const context = { clock: Date.now, signal: interrupted.signal, screen: processScreen(options.watch) };
      done(await statusCommand(options, context, terminal));
    });

const addDoctor: Add = (program, terminal, done) =>
  program
    .command('doctor')
    .description('check this machine and all hosts for what would keep an apply from working')
    .addOption(file())
    .option('--json', 'print the problems as JSON', false)
    .addOption(
      new Option('--timeout <seconds>', 'how long a host may take to answer')
        .default(30)
        .argParser(positiveNumber),
    )
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk doctor', 'all problems at once, before the first change; changes nothing'],
        ['k3s-cdk doctor --json', 'for scripts'],
      ),
    )
    .action(async (options) => {
      const { doctorCommand } = await import('./commands/doctor');
      const { processScreen } = await import('./commands/screen');
      const context = { clock: Date.now, environment: process.env, screen: processScreen(false) };
      done(await doctorCommand(options, context, terminal));
    });

const addDeploy: Add = (program, terminal, done) =>
  program
    .command('deploy')
    .description('bring hosts and cluster to what the cluster description says, and wait until all is up')
    .addOption(file())
    .option('--plan', 'say what would change on hosts and in the cluster, and change nothing', false)
    .option('-y, --yes', 'remove hosts and objects that are gone from the description without asking', false)
    .option('--replace-database', 'leave the data of a database host that is gone without asking', false)
    .addOption(
      new Option('--wait <minutes>', 'how long to wait until everything is up')
        .default(10)
        .argParser(positiveNumber),
    )
    .option('--no-wait', 'do not wait')
    .option('--plain', 'a line for everything that happens, as where there is no terminal', false)
    .addHelpText(
      'after',
      `${examples(
        ['k3s-cdk deploy', 'from cluster.yaml to a cluster that runs; again after every change'],
        ['k3s-cdk deploy --plan', 'what would change: steps, lines of files, objects'],
        ['k3s-cdk deploy --plain --yes', 'for CI'],
      )}\n\nExit codes: 3 there is something to do (--plan), 4 applied but not all is up in time, 130 Ctrl-C`,
    )
    .action(async (options) => {
      const { deployCommand } = await import('./commands/deploy/deploy');
      const { processContext } = await import('./commands/deploy/process-context');
      done(await deployCommand(options, processContext(options.plain), terminal));
    });

const addKubeconfig: Add = (program, terminal, done) =>
  program
    .command('kubeconfig')
    .description("fetch the administrator's access from a server and merge it into kubectl's file")
    .addOption(file())
    .option('-o, --output <file>', "write it to a file of its own instead; '-' prints it")
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk kubeconfig', 'as context of the name in cluster.yaml; all others stay'],
        ['k3s-cdk kubeconfig -o lab.kubeconfig', 'for kubectl --kubeconfig lab.kubeconfig'],
      ),
    )
    .action(async (options) => {
      const { defaultKubeconfig, kubeconfigCommand } = await import('./commands/kubeconfig');
      const context = { kubeconfig: defaultKubeconfig(process.env), now: new Date() };
      done(await kubeconfigCommand(options, context, terminal));
    });

const addDiagram: Add = (program, terminal, done) =>
  program
    .command('diagram')
    .description('draw the cluster: hosts, addresses, and who talks to whom on which port')
    .addOption(file())
    .option('-o, --output <file>', 'file to write (default: standard output)')
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
      const { diagramCommand } = await import('./commands/diagram');
      done(diagramCommand(options, terminal));
    });

const addBackup: Add = (program, terminal, done) =>
  program
    .command('backup')
    .description('make a backup of the database and bring it here')
    .addOption(file())
    .option('-o, --output <file>', 'file to write (default: CLUSTER-TIME.tar, or .tar.cms if encrypted)')
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk backup', 'into the current folder; never overwrites'],
        ['k3s-cdk backup -o /mnt/usb/homelab.tar', 'to another place'],
      ),
    )
    .action(async (options) => {
      const { backupCommand } = await import('./commands/backup');
      done(await backupCommand(options, { now: new Date() }, terminal));
    });

const addRestore: Add = (program, terminal, done) =>
  program
    .command('restore')
    .description('put a backup in the place of the database; what was there is kept beside it')
    .argument('<backup>', 'file that `k3s-cdk backup` or the schedule has made')
    .addOption(file())
    .option('--key <file>', 'private key that opens an encrypted backup (default: secrets/backup.key)')
    .option('-y, --yes', 'ask nothing, for scripts', false)
    .option('--skip-unreachable', 'leave out servers that are off for certain', false)
    .option('--token-only', 'put the token of the backup back into secrets/, and do nothing else', false)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk restore homelab-20261123T033000Z.tar', 'checks it, asks twice, stops k3s meanwhile'],
        ['k3s-cdk restore lost.tar.cms --key ~/backup.key', 'an encrypted one'],
        ['k3s-cdk restore lost.tar --token-only', 'when secrets/ is lost too'],
      ),
    )
    .action(async (backup, options) => {
      const { restoreCommand } = await import('./commands/restore');
      const { terminalAsk } = await import('./commands/confirm');
      const context = { ask: terminalAsk(), clock: () => performance.now() };
      done(await restoreCommand(backup, options, context, terminal));
    });

const addCompletion: Add = (program, terminal, done) =>
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
      const { completionCommand } = await import('./commands/completion/completion');
      done(completionCommand(shell, program, terminal));
    });
