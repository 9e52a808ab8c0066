import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { untilItServes, waitFor } from '../lab/wait';
import { findProgram } from './programs';
import { freePort } from './sshd';

/** Postgres refuses to run as root. */
function owner(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const id = (flag: string) =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim());
  return { uid: id('-u') || 65534, gid: id('-g') || 65534 };
}

/** A Postgres on a free port of 127.0.0.1 that lets role `k3s` in with a client certificate and no other way. */
export class Postgres {
  private constructor(
    readonly port: number,
    /** Of its Unix socket, which superuser `postgres` needs no password at. */
    readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /**
   * @param secrets folder with ca.crt, server.crt and server.key, as the database step uploads it
   * @param access who else is let in: more lines of pg_hba.conf
   * @param network file of a network namespace that it listens in
   * @param ownPort where. @default - a free one
   */
  static async start(
    secrets: string,
    access = '',
    network = '/proc/self/ns/net',
    ownPort?: number,
  ): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-pg-'));
    // Sandboxes connect as somebody else.
    chmodSync(folder, 0o755);
    const user = owner();
    if (user) chownSync(folder, user.uid, user.gid);
    const as = { cwd: folder, ...user };
    const data = join(folder, 'data');
    const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-N'];
    execFileSync(String(findProgram('initdb')), initdb, { ...as, stdio: 'ignore' });
    install(secrets, data);
    writeFileSync(join(data, 'pg_hba.conf'), `local all postgres trust\n${access}hostssl k3s k3s all cert\n`);
    const port = ownPort ?? (await freePort());
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
      ssl: 'on',
      ssl_ca_file: 'ca.crt',
      ssl_cert_file: 'server.crt',
      ssl_key_file: 'server.key',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = [String(findProgram('postgres')), '-D', data, ...options];
    const server = user
      ? spawn('nsenter', [`--net=${network}`, `--setuid=${user.uid}`, `--setgid=${user.gid}`, ...command], {
          cwd: folder,
          stdio: 'ignore',
        })
      : spawn(command[0] ?? '', command.slice(1), { cwd: folder, stdio: 'ignore' });
    const postgres = new Postgres(port, folder, server);
    await waitFor('Postgres answers', () => postgres.admin('SELECT 1').includes('1'), untilItServes);
    postgres.admin('CREATE ROLE k3s LOGIN');
    postgres.admin('CREATE DATABASE k3s OWNER k3s');
    return postgres;
  }

  /** Takes the certificates of another folder, by a reload as in a running cluster. */
  async use(secrets: string): Promise<void> {
    install(secrets, join(this.folder, 'data'));
    const loaded = () => this.admin('SELECT pg_conf_load_time()');
    const before = loaded();
    this.admin('SELECT pg_reload_conf()');
    while (loaded() === before) await setTimeout(20);
  }

  /** What the superuser gets as answer. */
  admin(sql: string, database = 'postgres'): string {
    return spawnSync(
      'psql',
      ['-h', this.folder, '-p', String(this.port), '-U', 'postgres', '-d', database, '-Atc', sql],
      {
        encoding: 'utf8',
      },
    ).stdout;
  }

  /** What role `k3s` gets as answer, or what psql says when it is not let in. */
  query(sql: string, files: { ca: string; certificate?: string; key?: string }): string {
    const connection = [
      // The certificate is verified for the address of the database host, wherever the connection goes.
      `host=192.168.10.10 hostaddr=127.0.0.1 port=${this.port} dbname=k3s user=k3s sslmode=verify-full sslrootcert=${files.ca}`,
      // Names without a file keep libpq from looking into the home folder.
      `sslcert=${files.certificate ?? '/nonexistent'} sslkey=${files.key ?? '/nonexistent'}`,
    ].join(' ');
    const { stdout, stderr } = spawnSync('psql', ['-d', connection, '-Atc', sql], { encoding: 'utf8' });
    return stdout.trim() || stderr.trim();
  }

  stop(): void {
    this.process.kill('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function install(secrets: string, data: string): void {
  const user = owner();
  for (const name of ['ca.crt', 'server.crt', 'server.key']) {
    copyFileSync(join(secrets, name), join(data, name));
    if (user) chownSync(join(data, name), user.uid, user.gid);
  }
}
