import { resolve as absolute, dirname } from 'node:path';
import type { Config } from '../config/config';
import { diagramTree } from '../diagram/tree';
import { KnownHosts } from '../model/known-hosts';
import { resolve } from '../model/resolve';
import { secretsFolder, tokenFile } from '../model/secrets';
import { fetchSecrets } from '../recovery/fetch-secrets';
import { ensureSecrets } from '../secrets/ensure';
import type { FirstBootOptions } from '../secrets/first-boot/ensure';
import { PrivateFiles } from '../secrets/private-files';
import { SecretsReport } from '../secrets/report';
import type { TokenOwner } from '../secrets/tokens';
import { SshClient } from '../ssh/client';
import { KnownHostsFile } from '../ssh/known-hosts-file';
import { count } from '../status/figures';
import type { Confirm } from './confirm';
import { fileOption } from './file-option';
import { firstBoot } from './first-boot';
import { ensureGitignore } from './gitignore';
import { initKnownHosts } from './init-known-hosts';
import { loadOrReport } from './load';
import { changes, reportFindings } from './secrets-report';
import { table } from './table';
import type { Terminal } from './terminal';

export interface InitOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Replace certificates that are due or do not fit the cluster. */
  readonly renew: boolean;
  /** Fetch secrets that are missing from the hosts of a running cluster. */
  readonly fromHosts: boolean;
  /** Whose token is replaced. @default - nobody's */
  readonly rotate?: TokenOwner;
  /** Trust new host keys without asking. */
  readonly yes: boolean;
  /** Write what new machines boot with. @default - nothing is written */
  readonly firstBoot?: Omit<FirstBootOptions, 'folder'>;
}

export interface InitContext {
  /** The time by which certificates are dated. */
  readonly now: Date;
  /** Undefined without a terminal. */
  readonly confirm: Confirm | undefined;
  /** Ends it early. @default none */
  readonly signal?: AbortSignal | undefined;
  /** @default - OpenSSH */
  readonly ssh?: Pick<SshClient, 'run' | 'close'>;
}

/**
 * `k3s-cdk init`: creates what is missing beside cluster.yaml: secrets, known_hosts, lines of .gitignore.
 * Returns the exit code: 0 when everything is there, 1 when something is left to do.
 */
export async function initCommand(
  options: InitOptions,
  { now, confirm, signal, ssh }: InitContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(options.file, terminal);
  if (!config) return 1;
  const topology = resolve(config);
  const { renew, rotate } = options;
  const folder = dirname(absolute(options.file));
  const file = fileOption(options.file, terminal);

  // Before there is anything to ignore.
  const ignored = ensureGitignore(folder);
  const knownHosts = async () => {
    const acceptCommand = `k3s-cdk init${file}${options.fromHosts ? ' --from-hosts' : ''} --yes`;
    const known = await initKnownHosts(
      topology,
      { folder, yes: options.yes, confirm, acceptCommand, signal },
      terminal,
    );
    if (known.added > 0) terminal.print(`added  known_hosts  ${count(known.added, 'host')}`);
    return known;
  };
  // Secrets are fetched only from hosts with known keys.
  const before = options.fromHosts ? await knownHosts() : undefined;
  const fetched = new SecretsReport();
  if (before)
    await terminal.during('fetching secrets from the hosts', () =>
      fetchFromHosts(folder, config, ssh ?? new SshClient({ folder, signal }), fetched),
    );
  const secrets = fetched.complete
    ? await ensureSecrets(topology, { folder, now, renew, ...(rotate && { rotate }) })
    : new SecretsReport();
  const made = [
    ...(ignored.length > 0 ? [['added', '.gitignore', ignored.join(' ')]] : []),
    ...changes(fetched),
    ...changes(secrets),
  ];
  for (const line of table(made)) terminal.print(line);
  terminal.report({
    changes: [
      ...(ignored.length > 0 ? [{ kind: 'added', path: '.gitignore' }] : []),
      ...fetched.changes,
      ...secrets.changes,
    ],
  });
  for (const report of [fetched, secrets]) reportFindings(report, terminal);
  if (options.firstBoot && secrets.complete) {
    const written = await firstBoot(topology, { folder, file, ...options.firstBoot }, terminal);
    return written ? 0 : 1;
  }

  const hosts = before ?? (await knownHosts());
  terminal.report({ hostKeys: { added: hosts.added, known: hosts.known + hosts.added } });
  if (!fetched.complete || !secrets.complete || !hosts.complete) {
    terminal.error(`not complete: fix the errors above, then run 'k3s-cdk init${file}' again`);
    return 1;
  }
  if (made.length === 0 && hosts.added === 0)
    terminal.print(`nothing to do: all secrets are there, ${count(hosts.known, 'host')} known`);
  if (secrets.changes.some(({ path }) => path === tokenFile))
    terminal.print(
      `keep a copy of ${secretsFolder}/ in a safe place: a backup of the database cannot be read without the token`,
    );
  terminal.print('');
  for (const line of diagramTree(topology)) terminal.print(line);
  terminal.print('');
  terminal.print(`next: k3s-cdk ${rotate ? 'deploy' : 'doctor'}${file}`);
  return 0;
}

async function fetchFromHosts(
  folder: string,
  config: Config,
  ssh: Pick<SshClient, 'run' | 'close'>,
  report: SecretsReport,
): Promise<void> {
  const known = new KnownHosts(new KnownHostsFile(folder).read());
  try {
    await fetchSecrets(resolve(config, known), ssh, new PrivateFiles(folder), report);
  } finally {
    await ssh.close();
  }
}
