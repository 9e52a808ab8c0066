import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A server that keeps states for a while. */
export interface StateServer {
  /** The backend of a state in it. */
  readonly backend: object;
  readonly stop: () => void;
}

/** Backend `http`. */
export async function httpStates(): Promise<StateServer> {
  const server = spawn(process.execPath, [join(__dirname, 'state-server.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = `http://127.0.0.1:${await firstLine(server)}/lab`;
  return {
    backend: { http: { address, lock_address: address, unlock_address: address } },
    stop: () => server.kill(),
  };
}

async function firstLine(server: ChildProcess): Promise<string> {
  const [text] = await once(server.stdout ?? server, 'data');
  return String(text).trim();
}

/** Programs of a Postgres of Debian's packages; undefined where there is none. */
export const postgres = readdirSync('/usr/lib', { withFileTypes: true })
  .filter(({ name }) => name === 'postgresql')
  .flatMap(() => readdirSync('/usr/lib/postgresql'))
  .map((version) => join('/usr/lib/postgresql', version, 'bin'))
  .find((folder) => existsSync(join(folder, 'initdb')));

/** Backend `pg`, of a server that listens on a socket only. @param folder empty, with a short path */
export function pgStates(folder: string): StateServer {
  const data = join(folder, 'data');
  mkdirSync(data);
  const asUser = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : [];
  if (asUser.length > 0) {
    chmodSync(folder, 0o755);
    execFileSync('chown', ['postgres', folder, data]);
  }
  const run = (program: string, ...args: string[]) => {
    const [first = '', ...rest] = [...asUser, join(postgres ?? '', program), ...args];
    execFileSync(first, rest, { stdio: 'ignore', cwd: '/' });
  };
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync');
  const options = `-c listen_addresses= -c fsync=off -k ${folder}`;
  run('pg_ctl', '-D', data, '-w', '-o', options, '-l', join(folder, 'log'), 'start');
  return {
    backend: {
      pg: { conn_str: `host=${folder} user=postgres dbname=postgres sslmode=disable`, schema_name: 'lab' },
    },
    stop: () => run('pg_ctl', '-D', data, '-m', 'immediate', 'stop'),
  };
}
