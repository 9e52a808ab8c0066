import { homedir } from 'node:os';
import { resolve as absolute, delimiter, dirname, join } from 'node:path';
import { type ClusterAccess, standaloneKubeconfig } from '../kubeconfig/cluster-access';
import { type FetchedAccess, fetchAccess } from '../kubeconfig/fetch';
import { KubeconfigFile } from '../kubeconfig/kubeconfig-file';
import { mergeKubeconfig } from '../kubeconfig/merge';
import type { Topology } from '../model/topology';
import { SshClient } from '../ssh/client';
import { UserError } from '../user-error';
import { fileErrorText } from './file-error';
import { loadOrReport } from './load';
import { inTheWayOf } from './output-file';
import type { Terminal } from './terminal';
import { topologyOf } from './topology';

export interface KubeconfigOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** File that gets this cluster alone; `-` is standard output. @default - merged into `kubeconfig` */
  readonly output?: string;
}

export interface KubeconfigContext {
  /** The file that kubectl reads, and writes. */
  readonly kubeconfig: string;
  readonly now: Date;
  /** Ends it early. @default none */
  readonly signal?: AbortSignal | undefined;
  /** How servers are reached. @default - OpenSSH */
  readonly fetch?: typeof fetchOverSsh;
}

/** The file that kubectl writes to: the first of `$KUBECONFIG`, or `~/.kube/config`. */
export function defaultKubeconfig({ KUBECONFIG = '' }: NodeJS.ProcessEnv): string {
  return KUBECONFIG.split(delimiter).find((path) => path !== '') ?? join(homedir(), '.kube', 'config');
}

/** `k3s-cdk kubeconfig`: the administrator's access to the cluster, for kubectl. Returns the exit code. */
export async function kubeconfigCommand(
  options: KubeconfigOptions,
  { kubeconfig, now, signal, fetch = fetchOverSsh }: KubeconfigContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(options.file, terminal);
  if (!config) return 1;
  const { output } = options;
  const obstacle = output === '-' ? undefined : inTheWayOf(output ?? kubeconfig);
  if (obstacle !== undefined) {
    terminal.error(`error: ${obstacle}`);
    return 1;
  }
  const topology = topologyOf(config, options.file, terminal);
  let access: ClusterAccess;
  try {
    const folder = absolute(dirname(options.file));
    const fetched = await terminal.during('fetching the kubeconfig', () => fetch(topology, folder, signal));
    for (const reason of fetched.passedOver) terminal.error(`warning: ${reason}`);
    access = fetched.access;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    for (const reason of error.message.split('\n')) terminal.error(`error: ${reason}`);
    terminal.error('no server has given its kubeconfig, and nothing was changed');
    return 1;
  }
  if (output === '-') {
    const text = standaloneKubeconfig(access);
    terminal.report({ kubeconfig: text });
    terminal.output(text);
    return 0;
  }
  return writeAccess(access, { kubeconfig, now, ...(output !== undefined && { output }) }, terminal) ? 0 : 1;
}

export async function fetchOverSsh(
  topology: Topology,
  folder: string,
  signal?: AbortSignal,
): Promise<FetchedAccess> {
  const ssh = new SshClient({ folder, signal });
  try {
    return await fetchAccess(topology, ssh);
  } finally {
    await ssh.close();
  }
}

export interface WriteAccessOptions {
  readonly kubeconfig: string;
  readonly now: Date;
  readonly output?: string;
}

/** Writes the access where kubectl finds it and reports what it did. False if it could not be written. */
export function writeAccess(
  access: ClusterAccess,
  { kubeconfig, now, output }: WriteAccessOptions,
  terminal: Terminal,
): boolean {
  const path = output ?? kubeconfig;
  try {
    const file = new KubeconfigFile(path);
    const merged = output === undefined ? mergeKubeconfig(file.read(), access) : undefined;
    const text = merged?.text ?? standaloneKubeconfig(access);
    const backup = file.write(text, now.toISOString().replace(/\.\d+|[-:]/g, ''));
    if (merged?.context === 'replaced')
      terminal.error(
        `warning: context '${access.name}' in ${terminal.display(path)} led to another cluster (its certificate authority is another one); it now leads to this one`,
      );
    terminal.report({
      file: path,
      context: access.name,
      change: merged?.context ?? 'written',
      ...(backup !== undefined && { before: backup }),
    });
    const kept = backup === undefined ? '' : ` (before: ${terminal.display(backup)})`;
    terminal.print(`${(merged?.context ?? 'written').padEnd(9)} ${terminal.display(path)}${kept}`);
    terminal.print(
      `try: kubectl ${usage(access, merged?.currentContext, output)} get nodes`.replace('  ', ' '),
    );
    return true;
  } catch (error) {
    const reason = fileErrorText(error);
    if (reason === undefined) throw error;
    terminal.error(`error: ${terminal.display(path)} ${reason}`);
    terminal.error('the file was not changed');
    return false;
  }
}

/** What kubectl needs as options to reach this cluster. */
function usage(
  { name }: ClusterAccess,
  currentContext: string | undefined,
  output: string | undefined,
): string {
  if (output !== undefined) return `--kubeconfig ${output}`;
  return currentContext === name ? '' : `--context ${name}`;
}
