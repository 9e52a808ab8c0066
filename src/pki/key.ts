import { createPrivateKey, generateKeyPairSync } from 'node:crypto';

/** A new EC P-256 private key as PKCS#8 PEM, which Go, libpq and Postgres read alike. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Whether `pem` is a private key that certificates can be issued for: EC P-256, without a passphrase. */
export function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

/** Whether `pem` is a private key of any kind, without a passphrase. */
export function isAnyKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false;
  }
}
