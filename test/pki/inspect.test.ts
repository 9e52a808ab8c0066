import { generateKeyPairSync } from 'node:crypto';
import { authorityDamage, authorityFault, leafFault } from '../../src/pki/inspect';
import { issueAuthority, issueLeaf } from '../../src/pki/issue';
import { newPrivateKey } from '../../src/pki/key';
import type { CertificateRequest } from '../../src/pki/request';

const day = 24 * 60 * 60 * 1000;
const now = new Date('2026-06-01T12:00:00Z');
const later = (days: number) => new Date(now.getTime() + days * day);
const request: CertificateRequest = {
  commonName: 'storage1',
  usage: 'server',
  ipAddresses: ['192.168.10.10', 'fd00:0::10'],
  dnsNames: ['storage1'],
};
const key = newPrivateKey();
const authorityKey = newPrivateKey();
let authority: string;
let leaf: string;

beforeAll(async () => {
  authority = await issueAuthority('homelab', authorityKey, now);
  leaf = await issueLeaf(request, key, { certificate: authority, key: authorityKey }, now);
});

test('a fresh certificate has no fault', () => {
  expect(leafFault(leaf, key, authority, request, now)).toBeUndefined();
  expect(
    leafFault(leaf, key, authority, { ...request, ipAddresses: ['fd00::10', '192.168.10.10'] }, now),
  ).toBeUndefined();
});

test.each([
  [733, undefined],
  [735, { severity: 'warning', reason: 'expires on 2028-09-02' }],
  [825, { severity: 'error', reason: 'expired on 2028-09-02' }],
])('a certificate of 824 days after %i days: %j', (days, fault) => {
  expect(leafFault(leaf, key, authority, request, later(days))).toEqual(fault);
});

test('says what changed when the names do', () => {
  const moved = { ...request, ipAddresses: ['192.168.10.99'] };
  expect(leafFault(leaf, key, authority, moved, now)).toEqual({
    severity: 'error',
    reason: 'is for 192.168.10.10, fd00::10, storage1, not for 192.168.10.99, storage1',
  });
});

test('distinguishes the certificates of two servers', async () => {
  const client = (host: string): CertificateRequest => ({
    commonName: 'k3s',
    organizationalUnit: host,
    usage: 'client',
    ipAddresses: [],
    dnsNames: [],
  });
  const certificate = await issueLeaf(
    client('server1'),
    key,
    { certificate: authority, key: authorityKey },
    now,
  );
  expect(leafFault(certificate, key, authority, client('server1'), now)).toBeUndefined();
  expect(leafFault(certificate, key, authority, client('server2'), now)?.reason).toBe(
    'is for OU=server1,CN=k3s, not for OU=server2,CN=k3s',
  );
});

test('refuses a foreign key, a lost key, a foreign CA and garbage', async () => {
  const other = await issueAuthority('homelab', newPrivateKey(), now);
  const reasons = [
    leafFault(leaf, newPrivateKey(), authority, request, now),
    leafFault(leaf, undefined, authority, request, now),
    leafFault(leaf, key, other, request, now),
    leafFault('garbage', key, authority, request, now),
    leafFault(leaf, 'garbage', authority, request, now),
  ].map((fault) => fault?.reason);
  expect(reasons).toEqual([
    'does not belong to its key',
    'has lost its key',
    'is from another CA',
    'is not a certificate',
    'does not belong to its key',
  ]);
});

test('a CA is due when it no longer covers the whole life of a new certificate', () => {
  expect(authorityFault(authority, later(3650 - 825))).toBeUndefined();
  expect(authorityFault(authority, later(3650 - 823))?.severity).toBe('warning');
  expect(authorityFault(authority, later(3651))?.severity).toBe('error');
});

test('a CA without its key is no damage, another key or a leaf is', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  expect(authorityDamage(authority, undefined)).toBeUndefined();
  expect(authorityDamage(authority, authorityKey)).toBeUndefined();
  expect(authorityDamage(authority, newPrivateKey())).toBe('does not belong to its key');
  expect(authorityDamage(authority, rsa.toString())).toBe('has a key that is not EC P-256');
  expect(authorityDamage(leaf, key)).toBe('is not the certificate of a CA');
});
