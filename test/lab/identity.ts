import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Topology } from '../../src/model/topology';
import { operatorFile } from '../../src/programs/operator-file';
import { command } from './command';
import { bare, type HostConfig } from './lab-config';

/** A new SSH key pair without passphrase: `path` and `path.pub`. */
export async function sshKey(path: string, comment: string): Promise<void> {
  await command('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
}

/**
 * Writes what tells one host from another, as files of its root below `directory`/identity.
 * Returns the host's line for `known_hosts`.
 */
export async function writeIdentity(
  host: HostConfig,
  directory: string,
  files: { readonly hosts: string; readonly resolvConf: string; readonly authorizedKeys: string },
): Promise<string> {
  const etc = join(directory, 'identity', 'etc');
  const key = join(etc, 'ssh', 'ssh_host_ed25519_key');
  mkdirSync(join(etc, 'ssh'), { recursive: true });
  writeFileSync(join(etc, 'hostname'), `${host.name}\n`);
  writeFileSync(join(etc, 'machine-id'), `${randomBytes(16).toString('hex')}\n`);
  writeFileSync(join(etc, 'hosts'), files.hosts);
  writeFileSync(join(etc, 'resolv.conf'), files.resolvConf);
  writeFileSync(join(etc, 'ssh', 'lab_authorized_keys'), files.authorizedKeys);
  await sshKey(key, host.name);
  const publicKey = readFileSync(`${key}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  const port = host.port ?? 22;
  const names = [host.name, ...host.addresses.map(bare)];
  return `${names.map((name) => (port === 22 ? name : `[${name}]:${port}`)).join(',')} ${publicKey}\n`;
}

/** Where the private keys are that a cluster.yaml in `folder` names. */
export function namedKeys({ hosts }: Topology, folder: string): string[] {
  const keys = hosts.flatMap(({ ssh }) => ssh.privateKey ?? []);
  return [...new Set(keys)].map((key) => operatorFile(folder, key));
}

/** Public keys that may log in: the lab's own, and those beside the private keys that cluster.yaml names. */
export function authorizedKeys(labKey: string, privateKeys: readonly string[]): string {
  const files = [labKey, ...privateKeys].map((path) => `${path}.pub`).filter((path) => existsSync(path));
  return files
    .map((file) => readFileSync(file, 'utf8').trim())
    .join('\n')
    .concat('\n');
}

/** An `ssh -F` file with which `ssh HOST` works in the lab's namespace. */
export function sshConfig(hosts: readonly HostConfig[], key: string, knownHosts: string): string {
  const blocks = hosts.map((host) =>
    [
      `Host ${host.name}`,
      `  HostName ${bare(host.addresses[0] ?? '')}`,
      `  HostKeyAlias ${host.port === undefined || host.port === 22 ? host.name : `[${host.name}]:${host.port}`}`,
      `  User ${host.user ?? 'pi'}`,
      `  Port ${host.port ?? 22}`,
    ].join('\n'),
  );
  const common = [
    'Host *',
    `  IdentityFile ${key}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${knownHosts}`,
    '  StrictHostKeyChecking yes',
    '  ConnectTimeout 10',
  ].join('\n');
  return `${[...blocks, common].join('\n\n')}\n`;
}
