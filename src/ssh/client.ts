import { accessSync, constants, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { knownHostsName } from '../model/known-hosts';
import { shellQuote } from '../model/shell-quote';
import { loginsOf } from '../model/ssh';
import type { Bastion, Host } from '../model/topology';
import { lastLines } from '../programs/last-lines';
import { operatorFile } from '../programs/operator-file';
import { plainText } from '../programs/plain-text';
import { isNotInstalled, type RunningProgram, runProgram } from '../programs/run-program';
import { UserError } from '../user-error';
import { connectBastion } from './bastion';
import { loginArguments } from './openssh';
import { socketFolder } from './socket-folder';
import { behindBastion, connectionError, SshError } from './ssh-error';
import { untilLetIn } from './until-let-in';

export interface SshClientOptions {
  /** Folder of cluster.yaml: its `known_hosts` is the only one, and relative paths of keys start here. */
  readonly folder: string;
  /** Keep the connection to a host for its next command, until `close`. @default false */
  readonly reuse?: boolean;
  /** Ends everything that it does; the error is then the signal's. @default none */
  readonly signal?: AbortSignal | undefined;
  /** The terminal's Ctrl-C does not reach it: what runs on hosts may end. @default false */
  readonly detached?: boolean;
}

export interface RunOnHostOptions {
  /** What the command gets as standard input. @default nothing */
  readonly input?: string | Buffer;
  /** What gets its standard output, bytes untouched; `stdout` is empty then. @default none */
  readonly output?: Writable;
  /** For the connection and the command together. */
  readonly timeoutMs: number;
  /** Ends the command; the error is then the signal's. @default none */
  readonly signal?: AbortSignal | undefined;
}

/** A command's output, made harmless to a terminal. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Of the command. */
  readonly exitCode: number;
}

/** What `ssh` exits with for a failure of its own, and for commands that end by a signal. */
const sshFailed = 255;

/** Seconds for which an idle connection outlives a run that was killed. */
const persist = 60;

/** Whatever sudo or the SSH server would set it to. */
const environment = 'env LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs `bash -s` as root, for scripts that come as `input`: sudo for all but root, who may have none. */
export const bashAsRoot = `sh -c 'if [ "$(id -u)" = 0 ]; then exec ${environment} bash -s; else exec sudo -n ${environment} bash -s; fi'`;

/**
 * Runs commands on hosts with OpenSSH, logging in as Terraform does. All hosts behind a bastion share one connection
 * to it. Call `close` at the end.
 */
export class SshClient {
  private readonly scratch = socketFolder();
  private readonly sockets = new Map<Host, string>();
  private readonly bastions = new Map<string, { socket: string; program: Promise<RunningProgram> }>();
  private logs = 0;

  constructor(private readonly options: SshClientOptions) {}

  /**
   * Runs a command in the user's shell on a host. A failing command does not throw.
   *
   * @throws SshError when it could not be run, or not to its end
   */
  async run(host: Host, command: string, options: RunOnHostOptions): Promise<CommandResult> {
    this.requireKey(host);
    const signal = options.signal ?? this.options.signal;
    const result = await untilLetIn(
      () =>
        this.try(host, command, options).catch((error) => {
          if (error instanceof SshError) return error;
          throw error;
        }),
      (result) => result instanceof SshError && result.failure === 'dropped',
      signal,
    );
    if (result instanceof SshError) throw result;
    return result;
  }

  private async try(host: Host, command: string, options: RunOnHostOptions): Promise<CommandResult> {
    const log = join(this.scratch, `log-${++this.logs}`);
    const proxy = host.ssh.bastion ? await this.proxyArguments(host, host.ssh.bastion, log) : [];
    const args = [
      ...loginArguments(host.ssh),
      ...proxy,
      // Keeps ssh's messages apart from the command's output.
      '-E',
      log,
      '-o',
      'LogLevel=ERROR',
      '-o',
      `HostKeyAlias=${knownHostsName(host.address, host.ssh.port)}`,
      ...this.reuseArguments(host),
      '--',
      host.address,
      command,
    ];
    const signals = [this.options.signal, options.signal].filter((signal) => signal !== undefined);
    const program = {
      ...options,
      cwd: this.options.folder,
      detached: this.options.detached,
      ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
    };
    const result = await runProgram('ssh', args, program).catch((error) => {
      if (!isNotInstalled(error)) throw error;
      throw new SshError('no-ssh', host, "cannot be reached without ssh: install OpenSSH's client");
    });
    const said = existsSync(log) ? lastLines(plainText(readFileSync(log, 'utf8'))) : '';
    rmSync(log, { force: true });
    if (result.exceededMaxBytes) throw new SshError('too-much', host, tooMuch);
    if (result.timedOut) throw timeoutError(host, options.timeoutMs);
    const { exitCode } = result;
    const [stdout, stderr] = [plainText(result.stdout), plainText(result.stderr)];
    if (exitCode === sshFailed && said !== '') throw connectionError(host, said);
    // At this log level ssh does not report a server that stops answering, nor a command that was killed.
    if (exitCode === sshFailed && stderr.trim() === '')
      throw new SshError('connection-lost', host, brokenOff);
    return { stdout, stderr, exitCode };
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([
      ...[...this.sockets.values()]
        .filter((socket) => existsSync(socket))
        .map((socket) =>
          runProgram('ssh', ['-F', 'none', '-S', socket, '-O', 'exit', 'host'], { timeoutMs: 5000 }),
        ),
      ...[...this.bastions.values()].map(({ program }) =>
        program.then((ssh) => ssh.terminate()).catch(() => {}),
      ),
    ]);
    rmSync(this.scratch, { recursive: true, force: true });
  }

  /** ssh itself would continue without the key and be rejected, which would be misleading. */
  private requireKey(host: Host): void {
    for (const key of loginsOf(host.ssh).flatMap(
      ({ privateKey, agentKey }) => privateKey ?? agentKey ?? [],
    )) {
      try {
        accessSync(operatorFile(this.options.folder, key), constants.R_OK);
      } catch {
        throw new SshError(
          'key-file',
          host,
          `cannot be logged in to: the key '${key}' does not exist or is not readable; correct 'ssh.privateKey' in cluster.yaml`,
        );
      }
    }
  }

  private reuseArguments(host: Host): string[] {
    if (!this.options.reuse) return [];
    const socket = this.sockets.get(host) ?? join(this.scratch, `${this.sockets.size}`);
    this.sockets.set(host, socket);
    const options = ['ControlMaster=auto', `ControlPath=${socket}`, `ControlPersist=${persist}`];
    return options.flatMap((option) => ['-o', option]);
  }

  /** Options for the way through the bastion, to which a connection is made first. */
  private async proxyArguments(host: Host, bastion: Bastion, log: string): Promise<string[]> {
    const key = JSON.stringify(bastion);
    const socket = this.bastions.get(key)?.socket ?? join(this.scratch, `bastion-${this.bastions.size}`);
    if (!this.bastions.has(key)) {
      const program = connectBastion({
        bastion,
        folder: this.options.folder,
        sshArguments: ['-M', '-S', socket],
        signal: this.options.signal,
      });
      this.bastions.set(key, { socket, program });
    }
    await this.bastions.get(key)?.program.catch((error) => {
      if (!(error instanceof UserError)) throw error;
      throw behindBastion(host, bastion.address, error.message);
    });
    const words = [...loginArguments(bastion), '-S', socket, '--', bastion.address].map(shellQuote);
    const rest = `${words.join(' ')} 2>>${shellQuote(log)}`.replaceAll('%', '%%');
    return ['-o', `ProxyCommand=ssh -W '[%h]:%p' ${rest}`];
  }
}

const brokenOff =
  'was reached, and closed the connection without an error: has it lost power or its network, or run out of memory?';

const tooMuch =
  'sends output without end, and was cut off: has somebody changed its shell, or a file that is read there?';

function timeoutError(host: Host, timeoutMs: number): SshError {
  const reason = `did not finish what it was asked within ${timeoutMs / 1000} s: is it overloaded?`;
  return new SshError('timeout', host, reason);
}
