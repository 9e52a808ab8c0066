import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, ipAddress, json, several } from './options';

export const addInit: AddCommand = (program, { terminal, files, people, done }) =>
  program
    .command('init')
    .summary('start a cluster, or create what is missing beside its description')
    .description(
      'Creates a cluster description if there is none, from these options or by asking. Then creates the secrets, certificates and known_hosts that are missing beside it. What exists is never changed.',
    )
    .argument('[name]', 'name of a new cluster (default: the name of the folder)')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .optionsGroup('A new cluster (hosts are ADDRESS or NAME=ADDRESS):')
    .addOption(
      several('--server <host>', 'a host for the control plane, repeatable; three for high availability'),
    )
    .addOption(several('--agent <host>', 'a host that only runs pods, repeatable'))
    .option('--database <host>', 'host for Postgres (default: the server, if there is only one)')
    .option('--nfs <host>', "host for the volumes of pods, or 'none' (default: that of --database)")
    .option('--vip <address>', 'virtual IP of the API, needed with several servers')
    .addOption(several('--pool <range>', 'addresses for services of type LoadBalancer, FIRST-LAST'))
    .option('--user <user>', 'user on the hosts (default: your local user name)')
    .option('--ssh-key <file>', 'private key for the hosts (default: what ssh would use)')
    .optionsGroup('Secrets and host keys:')
    .option('--renew', 'replace certificates that expire soon or do not match the cluster', false)
    .option('--from-hosts', 'recover lost secrets from the hosts of a running cluster', false)
    .addOption(
      new Option('--rotate <owner>', 'replace the token of these nodes').choices([
        'servers',
        'agents',
      ] as const),
    )
    .option('-y, --yes', 'trust new host keys without asking', false)
    .optionsGroup('Machines that have not booted yet:')
    .option('--first-boot', 'write cloud-init files for them, with host keys that are known at once', false)
    .addOption(
      new Option('--gateway <address>', 'their router (default: the first address of their subnet)')
        .argParser(ipAddress)
        .implies({ firstBoot: true }),
    )
    .addOption(
      new Option('--nameserver <address>', 'their DNS server, repeatable (default: the router)')
        .argParser((text: string, before: string[]) => [...before, ipAddress(text)])
        .default([], 'the router')
        .implies({ firstBoot: true }),
    )
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk init', 'asks for what is needed; later: creates what is missing'],
        ['k3s-cdk init board --server 192.168.1.50', 'everything on one machine'],
        ['k3s-cdk init --renew', 'replace certificates before they expire'],
        ['k3s-cdk init --from-hosts', 'secrets/ is lost while the cluster runs'],
        ['k3s-cdk init --first-boot', 'what new machines boot with: user, address, host key'],
        ['k3s-cdk init --rotate servers', 'a new token for the servers; deploy rolls it out'],
        ['k3s-cdk init --yes', 'trust the keys that the hosts show, for scripts'],
        ['k3s-cdk init lab --database 10.0.0.10 --server 10.0.0.11 --server 10.0.0.12 --vip 10.0.0.5', ''],
      ),
    )
    .action(async (name: string | undefined, options) => {
      const { file, renew, fromHosts, rotate, yes, format: _format, json: _json, ...others } = options;
      const { firstBoot, gateway, nameserver, ...flags } = others;
      const { ensureCluster, localEnvironment } = await import('../commands/new-cluster/ensure');
      const clusterFlags = { ...flags, ...(name !== undefined && { name }) };
      const context = { files, environment: localEnvironment(people) };
      if (!(await ensureCluster(file, clusterFlags, context, terminal))) return done(1);
      const { initCommand } = await import('../commands/init');
      const { terminalConfirm } = await import('../commands/confirm');
      const confirm = terminalConfirm(people);
      const { interruptible } = await import('../commands/interruptible');
      done(
        await interruptible((signal) =>
          initCommand(
            {
              ...{ file, renew, fromHosts, yes },
              ...(rotate && { rotate }),
              ...(firstBoot && {
                firstBoot: {
                  ...(gateway !== undefined && { gateway }),
                  nameservers: nameserver,
                  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
                },
              }),
            },
            { now: new Date(), confirm, signal },
            terminal,
          ),
        ),
      );
    });
