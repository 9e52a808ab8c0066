import 'reflect-metadata';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateRequest, KeyedCertificate } from './request';
import { authorityLifetime, leafLifetime, validity } from './validity';

// The only module that loads @peculiar/x509: import it only when a certificate is to be issued.

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';
const usages = { server: [serverAuth], client: [clientAuth], peer: [serverAuth, clientAuth] } as const;

/** A self-signed CA certificate for `key`, named after the cluster. */
export function issueAuthority(
  cluster: string,
  key: string,
  now: Date,
  commonName = 'database CA',
): Promise<string> {
  return selfSigned([{ O: [cluster] }, { CN: [commonName] }], key, now);
}

/** The same CA with a new validity: its name and key stay, so what it has issued is valid under both. */
export function renewAuthority(certificate: string, key: string, now: Date): Promise<string> {
  return selfSigned(new x509.X509Certificate(certificate).subjectName.toJSON(), key, now);
}

/** A certificate to encrypt backups for. It is not verified: it only carries the public half of `key`. */
export async function issueRecipient(cluster: string, key: string, now: Date): Promise<string> {
  return pem(
    await x509.X509CertificateGenerator.createSelfSigned({
      ...validity(now, authorityLifetime),
      serialNumber: serialNumber(),
      name: [{ O: [cluster] }, { CN: ['backups'] }],
      keys: await keyPair(key),
      signingAlgorithm: algorithm,
      extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyAgreement, true)],
    }),
  );
}

async function selfSigned(name: x509.JsonName, key: string, now: Date): Promise<string> {
  const keys = await keyPair(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now, authorityLifetime),
    serialNumber: serialNumber(),
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pem(certificate);
}

/** A certificate for the public half of `key`, signed by the CA and never outliving it. */
export async function issueLeaf(
  request: CertificateRequest,
  key: string,
  authority: KeyedCertificate,
  now: Date,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const { publicKey } = await keyPair(key);
  const names = [
    ...request.ipAddresses.map((value) => ({ type: 'ip' as const, value })),
    ...request.dnsNames.map((value) => ({ type: 'dns' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(now, leafLifetime, issuer.notAfter),
    serialNumber: serialNumber(),
    subject: [
      ...(request.organizationalUnit === undefined ? [] : [{ OU: [request.organizationalUnit] }]),
      { CN: [request.commonName] },
    ],
    issuer: issuer.subjectName.toJSON(),
    publicKey,
    signingKey: (await keyPair(authority.key)).privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([...usages[request.usage]]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      // By key only: naming the serial number would tie it to one certificate of the CA.
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return pem(certificate);
}

async function keyPair(
  key: string,
): Promise<{ privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey }> {
  const { subtle } = webcrypto;
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
  };
}

/** 126 random bits: unique without a register, and positive without a leading zero byte. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`;
}
