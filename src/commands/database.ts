import { resolve as absolute, dirname } from 'node:path';
import type { Host, Topology } from '../model/topology';
import { DatabaseHost } from '../recovery/database-host';
import { SshClient } from '../ssh/client';
import { SshError } from '../ssh/ssh-error';
import { UserError } from '../user-error';
import { loadOrReport } from './load';
import type { Terminal } from './terminal';
import { topologyOf } from './topology';

export interface DatabaseOptions {
  /** cluster.yaml. */
  readonly file: string;
}

export interface PromoteOptions extends DatabaseOptions {
  /** Do not ask. @default false */
  readonly yes?: boolean;
}

export interface DatabaseContext {
  /** @default - OpenSSH */
  readonly ssh?: Pick<SshClient, 'run' | 'close'>;
  /** Ends it early. @default none */
  readonly signal?: AbortSignal | undefined;
  /** Undefined without a terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

/**
 * `k3s-cdk database switchover`: moves the primary to `to`, or to the synchronous standby. Any database host that
 * answers can be asked. Returns the exit code.
 */
export function switchoverCommand(
  to: string | undefined,
  options: DatabaseOptions,
  context: DatabaseContext,
  terminal: Terminal,
): Promise<number> {
  return onDatabases(options, context, terminal, async (topology, ssh) => {
    if (to !== undefined) databaseHost(topology, to);
    let unreachable: SshError | undefined;
    for (const host of topology.databases) {
      try {
        const message = await terminal.during('moving the primary', () =>
          new DatabaseHost(host, ssh).switchOver(to),
        );
        terminal.report({ message });
        terminal.print(message);
        return 0;
      } catch (error) {
        if (!(error instanceof SshError)) throw error;
        unreachable ??= error;
      }
    }
    throw unreachable ?? new UserError('no host has the role database');
  });
}

/**
 * `k3s-cdk database promote`: makes a host the primary although another one may have newer data. Returns the exit code.
 */
export function promoteCommand(
  name: string,
  options: PromoteOptions,
  context: DatabaseContext,
  terminal: Terminal,
): Promise<number> {
  return onDatabases(options, context, terminal, async (topology, ssh) => {
    const host = databaseHost(topology, name);
    const others = topology.databases.filter((other) => other !== host).map((other) => `'${other.name}'`);
    terminal.print(
      `What ${others.join(' and ')} may have and '${name}' has not is lost: start ${others.length > 1 ? 'them' : 'it'} instead, if that can be done.`,
    );
    if (!options.yes) {
      if (!context.ask)
        throw new UserError('there is no terminal to ask on: give --yes to promote without asking');
      if ((await context.ask('Type the name of the host to promote it: ')) !== name)
        throw new UserError('the name does not match: nothing was changed');
    }
    const message = await terminal.during(`promoting ${name}`, () => new DatabaseHost(host, ssh).promote());
    terminal.report({ message });
    terminal.print(message);
    return 0;
  });
}

async function onDatabases(
  options: DatabaseOptions,
  context: DatabaseContext,
  terminal: Terminal,
  act: (topology: Topology, ssh: Pick<SshClient, 'run'>) => Promise<number>,
): Promise<number> {
  const config = loadOrReport(options.file, terminal);
  if (!config) return 1;
  const topology = topologyOf(config, options.file, terminal);
  const ssh =
    context.ssh ??
    new SshClient({
      folder: absolute(dirname(options.file)),
      signal: context.signal,
    });
  try {
    if (topology.database.external)
      throw new UserError(
        `the database is not on hosts of this cluster ('database.external'): whoever runs it moves its primary; with several 'addresses' servers follow`,
      );
    if (topology.databases.length < 2)
      throw new UserError(
        "one host has the role 'database', so no other can become the primary: see docs/how-to/database.md",
      );
    return await act(topology, ssh);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.error(`error: ${error.message}`);
    return 1;
  } finally {
    await ssh.close();
  }
}

function databaseHost({ databases }: Topology, name: string): Host {
  const host = databases.find((other) => other.name === name);
  if (!host)
    throw new UserError(
      `'${name}' is not a database host; these are ${databases.map((other) => `'${other.name}'`).join(', ')}`,
    );
  return host;
}
