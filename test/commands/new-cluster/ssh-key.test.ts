import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSshKey } from '../../../src/commands/new-cluster/ssh-key';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();

/** OpenSSH's format up to the name of the cipher, as `ssh-keygen` writes it. */
function key(cipher: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(cipher.length);
  const bytes = Buffer.concat([Buffer.from('openssh-key-v1\0'), length, Buffer.from(`${cipher}…`)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function home(files: Record<string, string>): string {
  const folder = scratch();
  mkdirSync(join(folder, '.ssh'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, '.ssh', name), text);
  return folder;
}

test('the first that ssh would take is named with ~', () => {
  const folder = home({ id_rsa: key('none'), id_ed25519: key('none'), id_dsa: key('none') });
  expect(findSshKey(folder, true)).toEqual({ kind: 'file', path: '~/.ssh/id_ed25519' });
});

test('a key with a passphrase is for the agent: Terraform cannot ask', () => {
  for (const text of [key('aes256-ctr'), '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n'])
    expect(findSshKey(home({ id_rsa: text }), false)).toMatchObject({ kind: 'agent' });
});

test('without a key the agent may have one, if there is an agent', () => {
  expect(findSshKey(scratch(), true)).toMatchObject({ kind: 'agent' });
  expect(findSshKey(scratch(), false)).toEqual({ kind: 'none' });
});

test("ssh-keygen's keys with and without a passphrase are distinguished", () => {
  const folder = home({});
  const make = (name: string, passphrase: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', join(folder, '.ssh', name)]);
  make('id_ecdsa', '');
  expect(findSshKey(folder, false)).toMatchObject({ kind: 'file' });
  make('id_ed25519', 'a passphrase');
  expect(findSshKey(folder, false)).toMatchObject({ kind: 'agent' });
});
