import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilItServes, waitFor } from '../lab/wait';
import { findProgram } from './programs';

/** A MariaDB at 127.0.0.1 that lets `k3s` in with a password over TLS and no other way. */
export class MariaDb {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /**
   * @param secrets folder with ca.crt, server.crt and server.key
   * @param network file of a network namespace that it listens in
   */
  static async start(secrets: string, password: string, network: string, port: number): Promise<MariaDb> {
    const folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-mariadb-'));
    for (const name of ['ca.crt', 'server.crt', 'server.key'])
      copyFileSync(join(secrets, name), join(folder, name));
    const data = join(folder, 'data');
    execFileSync(
      String(findProgram('mariadb-install-db')),
      [
        '--no-defaults',
        `--datadir=${data}`,
        '--user=root',
        '--auth-root-authentication-method=socket',
        '--skip-test-db',
      ],
      { stdio: 'ignore' },
    );
    const options = [
      ...[`--datadir=${data}`, `--socket=${folder}/socket`, '--user=root', `--port=${port}`],
      ...['--bind-address=127.0.0.1', `--ssl-ca=${folder}/ca.crt`, `--ssl-cert=${folder}/server.crt`],
      ...[`--ssl-key=${folder}/server.key`, '--innodb-flush-log-at-trx-commit=0', '--max-connections=200'],
    ];
    const server = spawn(
      'nsenter',
      [`--net=${network}`, String(findProgram('mariadbd')), '--no-defaults', ...options],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    server.stderr?.on('data', (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    const mariadb = new MariaDb(folder, server);
    await waitFor('MariaDB answers', () => mariadb.admin('SELECT 1').includes('1'), {
      ...untilItServes,
      explain: () => said,
    });
    mariadb.admin('CREATE DATABASE k3s');
    mariadb.admin(`CREATE USER k3s@'%' IDENTIFIED BY '${password.replace(/[\\']/g, '\\$&')}' REQUIRE SSL`);
    mariadb.admin("GRANT ALL ON k3s.* TO k3s@'%'");
    return mariadb;
  }

  /** What its administrator gets as answer. */
  admin(sql: string): string {
    return spawnSync('mariadb', ['--no-defaults', `--socket=${this.folder}/socket`, '-NBe', sql], {
      encoding: 'utf8',
    }).stdout;
  }

  stop(): void {
    this.process.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
