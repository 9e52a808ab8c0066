import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, several } from './options';

export const addInit: AddCommand = (program, { terminal, packageRoot, done }) =>
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
    .option('--from-hosts', 'fetch secrets that are lost here from the hosts of a running cluster', false)
    .addOption(
      new Option('--rotate <owner>', 'replace the token of these').choices(['servers', 'agents'] as const),
    )
    .option('-y, --yes', 'trust new host keys without asking', false)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk init', 'ask for what is needed; later: make what is missing'],
        ['k3s-cdk init board --server 192.168.1.50', 'everything on one machine'],
        ['k3s-cdk init --renew', 'replace certificates before they expire'],
        ['k3s-cdk init --from-hosts', 'secrets/ is lost, and the cluster runs'],
        ['k3s-cdk init --rotate servers', 'a new token for the servers; deploy brings it to them'],
        ['k3s-cdk init --yes', 'trust the keys that the hosts show, for scripts'],
        ['k3s-cdk init lab --database 10.0.0.10 --server 10.0.0.11 --server 10.0.0.12 --vip 10.0.0.5', ''],
      ),
    )
    .action(async (name: string | undefined, { file, renew, fromHosts, rotate, yes, ...flags }) => {
      const { ensureCluster, surroundingsHere } = await import('../commands/new-cluster/ensure');
      const clusterFlags = { ...flags, ...(name !== undefined && { name }) };
      const context = { packageRoot, surroundings: surroundingsHere() };
      if (!(await ensureCluster(file, clusterFlags, context, terminal))) return done(1);
      const { initCommand } = await import('../commands/init');
      const { terminalConfirm } = await import('../commands/confirm');
      const confirm = terminalConfirm();
      done(
        await initCommand(
          { file, renew, fromHosts, yes, ...(rotate && { rotate }) },
          { now: new Date(), confirm },
          terminal,
        ),
      );
    });
