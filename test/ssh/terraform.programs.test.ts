import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { KnownHosts } from '../../src/model/known-hosts';
import { KnownHostsFile } from '../../src/ssh/known-hosts-file';
import { scanHostKeys } from '../../src/ssh/scan';
import { findProgram } from '../support/programs';
import { type KeyType, Sshd, testWithSshd } from '../support/sshd';

const terraform = findProgram('terraform') ?? findProgram('tofu');
jest.setTimeout(60_000);
const testSsh = testWithSshd();
const testTerraform: typeof testSsh = terraform
  ? testSsh
  : (name, run) => test.skip(`${name} [SKIPPED: neither terraform nor tofu is installed]`, run);

/** One connection to the server, with a built-in resource, so that nothing is downloaded. */
function apply(sshd: Sshd, hostKey: string, folder: string): string {
  const connection = {
    host: '127.0.0.1',
    port: sshd.port,
    user: userInfo().username,
    private_key: readFileSync(sshd.identity, 'utf8'),
    host_key: hostKey,
    agent: false,
    timeout: '3s',
  };
  const step = { connection, provisioner: [{ 'remote-exec': { inline: ['echo let in'] } }] };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ resource: { terraform_data: { step } } }));
  const run = (...args: string[]) => spawnSync(String(terraform), args, { cwd: folder, encoding: 'utf8' });
  run('init', '-input=false');
  const { stdout, stderr } = run('apply', '-auto-approve', '-input=false', '-no-color');
  return stdout + stderr;
}

describe.each<[string, KeyType[], string]>([
  ['all three types', ['ed25519', 'rsa', 'ecdsa'], 'ecdsa-sha2-nistp256'],
  ['no ecdsa key', ['ed25519', 'rsa'], 'ssh-rsa'],
  ['an ed25519 key only', ['ed25519'], 'ssh-ed25519'],
])('a host with %s', (_, keys, type) => {
  testTerraform(`Terraform accepts the ${type} key that known_hosts has after a scan`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-test-'));
    const sshd = await Sshd.start(keys);
    try {
      const scan = await scanHostKeys('127.0.0.1', sshd.port);
      if ('failure' in scan) throw new Error(scan.failure);
      const file = new KnownHostsFile(folder);
      file.append([{ address: '127.0.0.1', port: sshd.port, keys: scan.keys }]);
      const hostKey = new KnownHosts(file.read()).hostKey('127.0.0.1', sshd.port) ?? '';
      expect(hostKey).toMatch(new RegExp(`^${type} `));
      expect(apply(sshd, hostKey, folder)).toContain('let in');
    } finally {
      sshd.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
