import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../../src/config/load';
import { renderIssues } from '../../src/config/render';
import { resolve } from '../../src/model/resolve';
import { count } from '../../src/status/figures';
import { hostKind } from './host-kinds';
import { namedKeys } from './identity';
import { postgresImage } from './images/postgres-image';
import { Lab } from './lab';
import { architecturesOf, labOf } from './lab-config';
import { loadOverrides } from './lab-file';
import { cacheDirectory } from './paths';
import { whyNoLab } from './requirements';

interface UpOptions {
  readonly file: string;
  readonly vm?: boolean;
  readonly online?: boolean;
  readonly lab?: string;
  readonly name?: string;
}

const program = new Command('npm run lab --')
  .description('Real systemd hosts on this machine, to try k3s-cdk on without owning any.')
  .enablePositionalOptions()
  .showHelpAfterError();

withHosts(program.command('foreground', { isDefault: true }))
  .description('boot the hosts of a cluster.yaml, and take them down on Ctrl-C')
  .action(async (options: UpOptions) => {
    // A signal handler alone does not keep Node.js running.
    const alive = setInterval(() => {}, 60_000);
    const stop = stopSignal();
    try {
      const lab = await up(options, true, stop);
      console.log('Ctrl-C takes the lab down.');
      if (!stop.aborted) await once(stop, 'abort');
      await lab.down();
    } finally {
      clearInterval(alive);
    }
  });

withHosts(program.command('up'))
  .description('the same in the background, until `down`')
  .action(async (options: UpOptions) => {
    await up(options, false, stopSignal());
  });

program
  .command('down')
  .description('take a lab down, with all that its hosts have written; or what is left of one that died')
  .argument('[name]', 'name of the lab; may be left out when there is one')
  .action(async (name?: string) => (await only(name)).down());

program
  .command('list')
  .description('labs that are up, and their hosts')
  .action(() => {
    for (const lab of Lab.all()) {
      console.log(`${lab.name} (network namespace ${lab.namespace})`);
      for (const host of lab.hosts) {
        console.log(`  ${host.name}\t${host.address}\t${host.isRunning() ? 'on' : 'off'}`);
      }
    }
  });

program
  .command('ssh')
  .description('log in to a host, or run a command on it, as its user')
  .option('-n, --name <name>', 'name of the lab')
  .argument('<host>')
  .argument('[command...]')
  .passThroughOptions()
  .action((host: string, command: string[], { name }: { name?: string }) => {
    const lab = only(name);
    enter(lab, ['ssh', '-F', lab.sshConfig, lab.host(host).name, ...afterDashes(command)]);
  });

program
  .command('exec')
  .description('run a program on a host as root, without SSH')
  .option('-n, --name <name>', 'name of the lab')
  .argument('<host>')
  .argument('<command...>')
  .passThroughOptions()
  .action(async (host: string, command: string[], { name }: { name?: string }) => {
    const result = await only(name)
      .host(host)
      .exec('"$@"', { args: afterDashes(command), allowFailure: true });
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
    process.exitCode = result.status;
  });

program
  .command('run')
  .description("run a program on the operator's side, in the lab's network and with its SSH agent")
  .option('-n, --name <name>', 'name of the lab')
  .argument('<command...>')
  .passThroughOptions()
  .action((command: string[], { name }: { name?: string }) => enter(only(name), afterDashes(command)));

for (const [name, description, action] of [
  ['power-off', 'pull the plug of a host', (lab: Lab, host: string) => lab.host(host).powerOff()],
  ['boot', 'switch a host on again', (lab: Lab, host: string) => lab.host(host).boot()],
] as const) {
  program
    .command(name)
    .description(description)
    .option('-n, --name <name>', 'name of the lab')
    .argument('<host>')
    .action((host: string, options: { name?: string }) => action(only(options.name), host));
}

program
  .command('clean')
  .description('remove everything cached; the next lab downloads it again')
  .action(() => {
    const running = Lab.all()[0];
    if (running) throw new Error(`lab '${running.name}' is up; take it down first`);
    rmSync(cacheDirectory, { recursive: true, force: true });
  });

function withHosts(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the cluster', 'cluster.yaml')
    .option('--vm', 'virtual machines instead of containers: with kubelet, pods and NFS, the whole system')
    .option('--online', 'hosts reach the internet, and get k3s and images from there')
    .option('-l, --lab <file>', 'lab file: what hosts differ in (see docs/how-to/lab.md)')
    .option('-n, --name <name>', 'name of the lab; default: of the cluster');
}

/** Aborted by the first Ctrl-C. A second one is ignored: it would leave a half. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(new Error(`${signal}: the lab is taken down again`)));
  }
  return controller.signal;
}

async function up(options: UpOptions, owned: boolean, signal: AbortSignal): Promise<Lab> {
  const { config, issues, sources } = loadConfig(options.file);
  if (!config)
    throw new Error(renderIssues(issues, sources.textOf, { color: process.stderr.isTTY ?? false }));
  const topology = resolve(config);
  const overrides = options.lab === undefined ? {} : loadOverrides(options.lab);
  const privateKeys = namedKeys(topology, dirname(options.file));
  const kind = options.vm ? 'vm' : 'container';
  const wanted = {
    ...labOf(topology, overrides, options.name),
    kind,
    online: options.online ?? false,
  } as const;
  console.error(await hostKind(kind).price(wanted));
  const reason = await whyNoLab(hostKind(kind), (line) => console.error(line), architecturesOf(wanted));
  if (reason !== undefined) throw new Error(`no lab here: ${reason}`);
  const lab = await Lab.up(wanted, { owned, privateKeys, signal });
  console.log(await instructions(lab));
  return lab;
}

async function instructions(lab: Lab): Promise<string> {
  const operator = `sudo ip netns exec ${lab.namespace}`;
  return [
    `${count(lab.hosts.length, 'host')} up, in the network namespace ${lab.namespace}:`,
    ...lab.hosts.map((host) => `  ${host.name}\t${host.address}`),
    '',
    `log in        ${operator} ssh -F ${lab.sshConfig} ${lab.hosts[0]?.name}`,
    `run anything  npm run lab -- run -- npx k3s-cdk doctor`,
    '',
    `private key   ${lab.privateKey}`,
    `host keys     ${lab.knownHosts}`,
    ...(lab.isOnline
      ? ['', 'Hosts and whatever is run so reach the internet as this machine does.']
      : [
          `image         ${await postgresImage()}`,
          '',
          'The hosts have no way out: packages come from a repository inside, the database image is the archive above.',
        ]),
  ].join('\n');
}

/** The lab of that name; without a name, the one that is up. */
function only(name: string | undefined): Lab {
  if (name !== undefined) return Lab.open(name);
  const labs = Lab.all();
  const [first] = labs;
  if (!first) throw new Error('no lab is up; start one with `npm run lab -- up`');
  if (labs.length > 1)
    throw new Error(`${labs.map((lab) => lab.name).join(' and ')} are up; say which with its name`);
  return first;
}

/** `exec HOST -- command`: the dashes are for whoever passes them on, npm among them. */
function afterDashes(command: readonly string[]): readonly string[] {
  return command[0] === '--' ? command.slice(1) : command;
}

function enter(lab: Lab, command: readonly string[]): void {
  const run = spawnSync('ip', ['netns', 'exec', lab.namespace, ...command], {
    stdio: 'inherit',
    env: { ...process.env, SSH_AUTH_SOCK: lab.agentSocket },
  });
  process.exitCode = run.status ?? 1;
}

program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
