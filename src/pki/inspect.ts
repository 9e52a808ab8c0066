import { createPrivateKey, X509Certificate } from 'node:crypto';
import { canonicalAddress } from '../net/address';
import { isPrivateKey } from './key';
import type { CertificateRequest } from './request';
import { dateText, leafLifetime, renewalWindow } from './validity';

/** What is wrong with a certificate. */
export interface Fault {
  /** `error`: connections fail with it. `warning`: it is valid, but due. */
  readonly severity: 'error' | 'warning';
  /** The rest of a sentence about the certificate: `expires on 2027-01-31`. */
  readonly reason: string;
}

const error = (reason: string): Fault => ({ severity: 'error', reason });
const warning = (reason: string): Fault => ({ severity: 'warning', reason });

/**
 * Why `pem` is not a usable CA, as the rest of a sentence; undefined if it is one. A key that is kept
 * elsewhere is fine.
 */
export function authorityDamage(pem: string, key: string | undefined): string | undefined {
  const certificate = parse(pem);
  if (!certificate?.ca) return 'is not the certificate of a CA';
  if (key === undefined) return undefined;
  if (!isPrivateKey(key)) return 'has a key that is not EC P-256';
  return fits(certificate, key) ? undefined : 'does not belong to its key';
}

/**
 * Expiry of a CA. It is due before it no longer covers the whole life of a new certificate, so that none is
 * cut short.
 */
export function authorityFault(pem: string, now: Date): Fault | undefined {
  return expiry(new X509Certificate(pem), now, leafLifetime);
}

/** The fault of a certificate issued by `authority` for `request`, or undefined. */
export function leafFault(
  pem: string,
  key: string | undefined,
  authority: string,
  request: CertificateRequest,
  now: Date,
): Fault | undefined {
  const certificate = parse(pem);
  if (!certificate) return error('is not a certificate');
  if (key === undefined) return error('has lost its key');
  if (!fits(certificate, key)) return error('does not belong to its key');
  if (!isIssuedBy(pem, authority)) return error('is from another CA');
  return mismatch(certificate, request) ?? expiry(certificate, now, renewalWindow);
}

/** The public key of a certificate, as DER; undefined when it is none. */
export function publicKeyOf(pem: string): Buffer | undefined {
  return parse(pem)?.publicKey.export({ type: 'spki', format: 'der' });
}

/** Whether the key of the CA `authority` signed the certificate. */
export function isIssuedBy(pem: string, authority: string): boolean {
  const [certificate, issuer] = [parse(pem), parse(authority)];
  return Boolean(
    certificate && issuer && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
  );
}

/** Whether messages can be encrypted for the certificate: CMS has no way for other kinds of keys. */
export function encryptsFor(pem: string): boolean {
  return ['ec', 'rsa'].includes(parse(pem)?.publicKey.asymmetricKeyType ?? '');
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function fits(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function expiry({ validTo }: X509Certificate, now: Date, due: number): Fault | undefined {
  const end = new Date(validTo);
  const left = end.getTime() - now.getTime();
  if (left <= 0) return error(`expired on ${dateText(end)}`);
  return left < due ? warning(`expires on ${dateText(end)}`) : undefined;
}

function mismatch(certificate: X509Certificate, request: CertificateRequest): Fault | undefined {
  const wanted = names(request);
  const found = { subject: subjectText(certificate), alternative: alternativeNames(certificate) };
  if (found.subject !== wanted.subject) return error(`is for ${found.subject}, not for ${wanted.subject}`);
  if (found.alternative.join() === wanted.alternative.join()) return undefined;
  return error(
    `is for ${found.alternative.join(', ') || 'no name'}, not for ${wanted.alternative.join(', ')}`,
  );
}

function names(request: CertificateRequest): { subject: string; alternative: string[] } {
  const unit = request.organizationalUnit;
  return {
    subject: `${unit === undefined ? '' : `OU=${unit},`}CN=${request.commonName}`,
    alternative: [...request.ipAddresses.map(canonicalAddress), ...request.dnsNames].sort(),
  };
}

function subjectText(certificate: X509Certificate): string {
  return certificate.subject.split('\n').join(',');
}

/** Node prints `DNS:storage1, IP Address:10.0.0.1`. */
function alternativeNames({ subjectAltName }: X509Certificate): string[] {
  if (!subjectAltName) return [];
  return subjectAltName
    .split(', ')
    .map((name) => canonicalAddress(name.slice(name.indexOf(':') + 1)))
    .sort();
}
