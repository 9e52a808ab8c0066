import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { untilItServes, waitFor } from '../lab/wait';
import { findProgram } from './programs';

export type KeyType = 'ecdsa' | 'rsa' | 'ed25519';

/** An OpenSSH server on a free port of 127.0.0.1, which lets in the user who runs the tests. */
export class Sshd {
  private constructor(
    readonly port: number,
    readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /** Why none can be started here, or undefined. */
  static missing(): string | undefined {
    for (const program of ['sshd', 'ssh', 'ssh-keyscan', 'ssh-keygen'])
      if (findProgram(program) === undefined) return `${program} is not installed`;
    // What its systemd unit does; sshd insists on it when root starts it.
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-sshd-'));
    try {
      const config = configure(folder, 1, ['ed25519']);
      const check = spawnSync(String(findProgram('sshd')), ['-t', '-f', config], { encoding: 'utf8' });
      return check.status === 0 ? undefined : `sshd does not start here: ${check.stderr.trim()}`;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  static async start(keys: readonly KeyType[], options = ''): Promise<Sshd> {
    const folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-sshd-'));
    const port = await freePort();
    const config = configure(folder, port, keys, options);
    const sshd = spawn(String(findProgram('sshd')), ['-D', '-e', '-f', config], { stdio: 'ignore' });
    await waitFor('sshd listens', () => listens(port), untilItServes);
    return new Sshd(port, folder, sshd);
  }

  /** Private key of the user who may log in. */
  get identity(): string {
    return join(this.folder, 'identity');
  }

  /** `type base64`. */
  hostKey(type: KeyType): string {
    return readFileSync(join(this.folder, `${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  }

  /** `SHA256:…`, from OpenSSH itself. */
  fingerprint(type: KeyType): string {
    const line = execFileSync('ssh-keygen', ['-lf', join(this.folder, `${type}.pub`)], { encoding: 'utf8' });
    return String(line.split(' ')[1]);
  }

  stop(): void {
    this.process.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `test`, or a skipped test whose name says why. */
export function testWithSshd(): (name: string, run: jest.ProvidesCallback) => void {
  const reason = Sshd.missing();
  return reason === undefined ? test : (name, run) => test.skip(`${name} [SKIPPED: ${reason}]`, run);
}

function configure(folder: string, port: number, keys: readonly KeyType[], options = ''): string {
  for (const name of [...keys, 'identity'])
    execFileSync('ssh-keygen', [
      ...['-q', '-N', '', '-f', join(folder, name)],
      ...(name === 'identity' ? ['-t', 'ed25519'] : ['-t', name, ...(name === 'rsa' ? ['-b', '2048'] : [])]),
    ]);
  const config = join(folder, 'sshd_config');
  writeFileSync(
    config,
    `ListenAddress 127.0.0.1:${port}
${keys.map((key) => `HostKey ${join(folder, key)}`).join('\n')}
AuthorizedKeysFile ${join(folder, 'identity.pub')}
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
${options}
`,
  );
  return config;
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
