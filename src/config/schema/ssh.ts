import * as z from 'zod';
import { familyOf } from '../../net/address';
import { notAnAddress, port } from './primitives';
import { notAnOperatorPath } from './text';

/** An SSH user name as `useradd` accepts it. */
export const sshUser = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, {
  error: (issue) =>
    `'${issue.input}' is not a user name: use letters, digits, '-', '_' and '.', without '@' and host`,
});

/** The file refers to the key; the key itself must not be in it, nor in messages. */
const privateKey = z.string().regex(/^(?!.*-----BEGIN)[^\p{Cc}\p{Cs}\u2028\u2029"'`\\$%{}]+$/u, {
  error: (issue) =>
    /-----BEGIN|\n/.test(String(issue.input))
      ? 'this is the key itself, and the file is no place for it: save it, write its path here, and make a new key if this file was shared'
      : notAnOperatorPath(String(issue.input)),
});

const hostName = /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;
const onlyNumbers = /^[\d.:/]+$/;

/** A host name or address to connect to. */
export const sshAddress = z
  .string()
  .refine((text) => familyOf(text) !== undefined || (hostName.test(text) && !onlyNumbers.test(text)), {
    error: (issue) => notAHost(String(issue.input)),
  });

function notAHost(text: string): string {
  if (/^[\d.:/]+$|^[\da-f]*:[\da-f:]*[%/]/i.test(text)) return notAnAddress(text);
  const user = /^([^@]+)@([^@]+)$/.exec(text);
  if (user)
    return `'${text}' is not a host name or address: write '${user[2]}' and set 'user: ${user[1]}' under 'ssh'`;
  return `'${text}' is not a host name or address: write it like 192.168.10.11 or gw.example.net`;
}

export const bastion = z
  .strictObject({
    address: sshAddress.describe('Hostname or address of the jump host.'),
    port: port.default(22).describe('Port of its SSH server.'),
    user: sshUser.describe('User to log in as.'),
    privateKey: privateKey
      .optional()
      .describe('Path of the private key, as in `ssh.privateKey`. Default: the same as for the hosts.'),
  })
  .describe('Jump host: every connection goes through it. Default: none.');

export const ssh = z
  .strictObject({
    user: sshUser.describe(
      'User to log in as. Needs sudo without a password (`sudo -n true`), unless it is root.',
    ),
    port: port.default(22).describe('Port of the SSH server.'),
    privateKey: privateKey
      .optional()
      .describe(
        'Path of the private key, relative to this file or absolute, `~` allowed; the path of a public key (`….pub`) selects only that key of the SSH agent. Default: all keys of the SSH agent.',
      ),
    bastion: bastion.optional(),
  })
  .describe('How to reach the hosts. Defaults for every host; each can be set per host too.');

export const hostSsh = z
  .strictObject({
    user: sshUser.optional().describe('User to log in as. Default: `ssh.user`.'),
    port: port.optional().describe('Port of the SSH server. Default: `ssh.port`.'),
    privateKey: privateKey
      .optional()
      .describe('Path of the private key, as in `ssh.privateKey`. Default: `ssh.privateKey`.'),
    bastion: bastion.optional().describe('Jump host for this host. Default: `ssh.bastion`.'),
  })
  .describe('What differs from `ssh` for this host. Default: nothing.');
