import type { HostKey } from '../../src/model/known-hosts';
import { compareKeys } from '../../src/ssh/compare';

const ecdsa: HostKey = { type: 'ecdsa-sha2-nistp256', key: 'AAAAecdsa' };
const rsa: HostKey = { type: 'ssh-rsa', key: 'AAAArsa' };
const ed25519: HostKey = { type: 'ssh-ed25519', key: 'AAAAed' };
const other: HostKey = { type: 'ssh-ed25519', key: 'AAAAother' };

test('keys of an unknown server are all to be confirmed', () => {
  expect(compareKeys([], [ecdsa, ed25519])).toEqual({ unknown: [ecdsa, ed25519], changed: [] });
});

test('a server whose compared key is known needs no confirmation', () => {
  expect(compareKeys([ecdsa], [ecdsa, rsa, ed25519])).toEqual({ unknown: [], changed: [] });
});

test('a server of which only a key is known that Terraform does not compare has to be confirmed', () => {
  expect(compareKeys([ed25519], [ecdsa, rsa, ed25519])).toEqual({ unknown: [ecdsa, rsa], changed: [] });
});

test('another key of a known type is a change, and then nothing is offered', () => {
  expect(compareKeys([ed25519], [ecdsa, other])).toEqual({
    unknown: [],
    changed: [{ known: ed25519, found: other }],
  });
});

test('a server may have several known keys of a type', () => {
  expect(compareKeys([other, ed25519], [ed25519])).toEqual({ unknown: [], changed: [] });
});
