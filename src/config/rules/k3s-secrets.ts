import type { Draft } from '../draft';
import { isOwned, serverKeys } from '../k3s-keys';
import { leadsNowhere, secretsOnNode } from '../k3s-secrets';
import { quote } from '../quote';
import { holdsSecret, isSecretName } from '../secret-text';
import { extraConfigs } from './k3s';
import type { Finding } from './rule';

/** Keys of k3s that end like this are keys of ciphers, and so would be future ones; in a backend, `key` is a path. */
const cipherKey = /(^|-)key$/;

/**
 * cluster.yaml is in git, and its values are in plans and on command lines: a secret is a file that steps
 * upload.
 */
export function* noSecretsInK3sConfig(config: Draft): Iterable<Finding> {
  for (const { path, values } of extraConfigs(config)) {
    for (const [key, value] of Object.entries(values)) {
      if (isOwned(key)) continue;
      const problem =
        isSecretName(key) || cipherKey.test(key)
          ? `${quote(key)} is a secret, and this file is no place for it: ${asFile(key)}`
          : [value].flat().some((each) => holdsSecret(String(each)))
            ? `the value of ${quote(key)} has a password in it, and this file is no place for that: ${asFile(key)}`
            : undefined;
      if (problem !== undefined) yield { path: [...path, key], target: 'key', message: problem };
    }
  }
}

function asFile(key: string): string {
  const fileKey = `${key}-file`;
  return serverKeys.has(fileKey)
    ? `write it to 'secrets/k3s/${key}', and here '${fileKey}: ${secretsOnNode}/${key}'`
    : `write it to a file in 'secrets/k3s/', which nodes have as '${secretsOnNode}/FILE', and name that here with a key that takes a file`;
}

/** The folder of secrets has only files, and is elsewhere on nodes than here. */
export function* secretFilesAreNamed(config: Draft): Iterable<Finding> {
  for (const { path, values } of extraConfigs(config)) {
    for (const [key, value] of Object.entries(values)) {
      for (const [n, text] of [value].flat().entries()) {
        if (typeof text !== 'string') continue;
        const at = [...path, key, ...(Array.isArray(value) ? [n] : [])];
        const [, name] = /(?:^|=)(?:\.\/)?secrets\/k3s\/(.*)$/.exec(text) ?? [];
        if (name !== undefined)
          yield {
            path: at,
            message: `${quote(text)} is a path on your machine, and k3s looks on its own: write '${secretsOnNode}/${name}'`,
          };
        else if (leadsNowhere(text))
          yield {
            path: at,
            message: `${quote(text)} names no file of 'secrets/k3s/': write '${secretsOnNode}/' and the name of one, of letters, digits, '.', '_' and '-'`,
          };
      }
    }
  }
}
