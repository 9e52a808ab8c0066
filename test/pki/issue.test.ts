import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { issueAuthority, issueLeaf, renewAuthority } from '../../src/pki/issue';
import { newPrivateKey } from '../../src/pki/key';
import type { CertificateRequest } from '../../src/pki/request';
import { testWith } from '../support/programs';
import { Project } from '../support/project';

const day = 24 * 60 * 60 * 1000;
const now = new Date('2026-06-01T12:00:00Z');
const server: CertificateRequest = {
  commonName: 'storage1',
  usage: 'server',
  ipAddresses: ['192.168.10.10', 'fd00::10'],
  dnsNames: ['storage1'],
};
const client: CertificateRequest = {
  commonName: 'k3s',
  organizationalUnit: 'server1',
  usage: 'client',
  ipAddresses: [],
  dnsNames: [],
};

async function newAuthority(when = now) {
  const key = newPrivateKey();
  return { key, certificate: await issueAuthority('homelab', key, when) };
}

function daysBetween(from: Date, to: string): number {
  return Math.round((Date.parse(to) - from.getTime()) / day);
}

test('a server certificate has every name and address', async () => {
  const leaf = new X509Certificate(await issueLeaf(server, newPrivateKey(), await newAuthority(), now));
  expect(leaf.subjectAltName).toBe('IP Address:192.168.10.10, IP Address:FD00:0:0:0:0:0:0:10, DNS:storage1');
  expect(leaf.subject).toBe('CN=storage1');
});

test('a client certificate has the role as common name and its host as unit', async () => {
  const leaf = new X509Certificate(await issueLeaf(client, newPrivateKey(), await newAuthority(), now));
  expect(leaf.subject).toBe('OU=server1\nCN=k3s');
});

test('a certificate is good from the day before for 825 days, the CA for ten years', async () => {
  const authority = await newAuthority();
  const leaf = new X509Certificate(await issueLeaf(server, newPrivateKey(), authority, now));
  expect(daysBetween(now, leaf.validFrom)).toBe(-1);
  expect(daysBetween(new Date(leaf.validFrom), leaf.validTo)).toBe(825);
  expect(daysBetween(now, new X509Certificate(authority.certificate).validTo)).toBe(3650);
});

test('a certificate does not outlive its CA', async () => {
  const authority = await newAuthority();
  const nineYearsOn = new Date(now.getTime() + 3300 * day);
  const leaf = new X509Certificate(await issueLeaf(server, newPrivateKey(), authority, nineYearsOn));
  expect(leaf.validTo).toBe(new X509Certificate(authority.certificate).validTo);
});

test('two certificates never have the same serial number', async () => {
  const authority = await newAuthority();
  const key = newPrivateKey();
  const serials = [];
  for (let i = 0; i < 8; i++)
    serials.push(new X509Certificate(await issueLeaf(client, key, authority, now)).serialNumber);
  expect(new Set(serials).size).toBe(8);
});

describe('openssl', () => {
  const project = new Project('');
  const verify = (authority: string, leaf: string, purpose: string) => {
    writeFileSync(project.path('ca.crt'), authority);
    writeFileSync(project.path('leaf.crt'), leaf);
    const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', project.path('ca.crt')];
    // What it complains is in the error that is thrown; on the screen it would look like a failed test.
    return execFileSync('openssl', [...args, project.path('leaf.crt')], { encoding: 'utf8', stdio: 'pipe' });
  };

  testWith('openssl')('accepts both kinds by its strictest rules, each for its purpose only', async () => {
    const authority = await newAuthority(new Date());
    const leaves = {
      sslserver: await issueLeaf(server, newPrivateKey(), authority, new Date()),
      sslclient: await issueLeaf(client, newPrivateKey(), authority, new Date()),
    };
    expect(verify(authority.certificate, leaves.sslserver, 'sslserver')).toContain('OK');
    expect(verify(authority.certificate, leaves.sslclient, 'sslclient')).toContain('OK');
    expect(() => verify(authority.certificate, leaves.sslclient, 'sslserver')).toThrow(/purpose/);
    expect(() => verify(authority.certificate, leaves.sslserver, 'sslclient')).toThrow(/purpose/);
  });

  testWith('openssl')('accepts old and new certificates under the old and the renewed CA', async () => {
    const eightYearsAgo = new Date(Date.now() - 2920 * day);
    const old = await newAuthority(eightYearsAgo);
    const renewed = await renewAuthority(old.certificate, old.key, new Date());
    expect(new X509Certificate(renewed).subject).toBe(new X509Certificate(old.certificate).subject);
    const beforehand = await issueLeaf(server, newPrivateKey(), old, new Date());
    const afterwards = await issueLeaf(server, newPrivateKey(), { ...old, certificate: renewed }, new Date());
    for (const authority of [old.certificate, renewed])
      for (const leaf of [beforehand, afterwards])
        expect(verify(authority, leaf, 'sslserver')).toContain('OK');
  });
});
