import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseDocument } from 'yaml';
import { AnswerError } from '../status/answer';
import type { ClusterAccess } from './cluster-access';

/** Characters; k3s writes three thousand. */
const maxLength = 64 * 1024;

/** A CA bundle during a rotation has four. */
const maxCertificates = 20;

const clusterKeys = ['certificate-authority-data', 'server'];
const userKeys = ['client-certificate-data', 'client-key-data'];

/**
 * Reads what k3s writes on its servers (`/etc/rancher/k3s/k3s.yaml`), which names everything `default` and points to the
 * server itself. A server is not trusted with this machine: a kubeconfig can name programs that kubectl runs
 * here, and other places to send credentials to. So only certificates and a key are accepted, and anything
 * else is rejected.
 *
 * @param server where the API is, whatever the file says
 * @throws AnswerError, the rest of a sentence about the file
 */
export function readK3sYaml(text: string, name: string, server: string): ClusterAccess {
  const { clusters, users } = parsed(text);
  const cluster = only(clusters, 'cluster', clusterKeys);
  const user = only(users, 'user', userKeys);
  const authority = base64(cluster, 'certificate-authority-data');
  const certificate = base64(user, 'client-certificate-data');
  const key = base64(user, 'client-key-data');
  certificatesOf(authority, 'certificate-authority-data');
  const [first] = certificatesOf(certificate, 'client-certificate-data');
  if (!first?.checkPrivateKey(privateKeyOf(key)))
    throw new AnswerError("has a 'client-key-data' that does not belong to its 'client-certificate-data'");
  return {
    name,
    server,
    authority,
    user: { 'client-certificate-data': certificate, 'client-key-data': key },
  };
}

type Members = Readonly<Record<string, unknown>>;

function parsed(text: string): Members {
  if (text.length > maxLength)
    throw new AnswerError(`is longer than ${maxLength / 1024} KiB, so k3s did not write it`);
  let content: unknown;
  try {
    const document = parseDocument(text);
    content = document.errors.length > 0 ? undefined : document.toJS({ maxAliasCount: 0 });
  } catch {
    // Levels without end, or aliases.
  }
  if (!isMembers(content)) throw new AnswerError('is not a kubeconfig, or is incomplete');
  return content;
}

/** The member `kind` of the only item of a list, which has no keys but these. */
function only(list: unknown, kind: string, keys: readonly string[]): Members {
  const [item, ...more] = Array.isArray(list) ? list : [];
  const found = isMembers(item) ? item[kind] : undefined;
  if (!isMembers(found) || more.length > 0)
    throw new AnswerError(`does not have one ${kind}, as k3s writes it`);
  const unexpected = Object.keys(found).find((key) => !keys.includes(key));
  if (unexpected !== undefined)
    throw new AnswerError(
      `has '${unexpected.slice(0, 60)}' in its ${kind}, which k3s does not write: the file is not used; has somebody changed it?`,
    );
  return found;
}

function base64(members: Members, key: string): string {
  const text = members[key];
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw new AnswerError(`has no '${key}' in base64`);
  return text;
}

/** PEM without words around it, which could be anything. */
const certificatePem = /^(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/;
const keyPem = /^-----BEGIN ((?:EC |RSA )?PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----\s*$/;

function certificatesOf(base64: string, key: string): X509Certificate[] {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const parts = certificatePem.test(pem)
    ? pem.split(/(?<=-----END CERTIFICATE-----)\s*/).filter(Boolean)
    : [];
  try {
    if (parts.length > 0 && parts.length <= maxCertificates)
      return parts.map((part) => new X509Certificate(part));
  } catch {
    // Told below.
  }
  throw new AnswerError(`has a '${key}' that is not certificates in PEM`);
}

function privateKeyOf(base64: string) {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  try {
    if (keyPem.test(pem)) return createPrivateKey(pem);
  } catch {
    // Told below.
  }
  throw new AnswerError("has a 'client-key-data' that is not a private key in PEM");
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
