import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote } from '../quote';
import { holdsSecret, isSecretName } from '../secret-text';
import { known } from './known';
import type { Finding } from './rule';

const variables: Readonly<Record<string, string>> = {
  pg: 'PGPASSWORD',
  http: 'TF_HTTP_PASSWORD',
  s3: 'AWS_SECRET_ACCESS_KEY',
  kubernetes: 'KUBE_TOKEN',
};

/** cluster.yaml is in git, and so are the outputs, or they are shown in a review. */
export function* noSecretsInBackend(config: Draft): Iterable<Finding> {
  for (const [type, settings] of Object.entries(config.terraform?.backend ?? {}))
    for (const [path, value] of leaves(settings, ['terraform', 'backend', type])) {
      if (typeof value !== 'string' || value === '') continue;
      const key = String(path.findLast((part) => typeof part === 'string'));
      const problem = isSecretName(key)
        ? `${quote(key)} is a secret`
        : holdsSecret(value)
          ? `the value of ${quote(key)} has a secret in it`
          : undefined;
      const variable = variables[type];
      if (problem !== undefined)
        yield {
          path,
          target: 'key',
          message: `${problem}, and this file is no place for it: take it out, and give it as ${variable === undefined ? 'an environment variable of the backend' : `the environment variable ${variable}`}, or as a line of 'secrets/backend.tfbackend'`,
        };
    }
}

function* leaves(value: unknown, path: Path): Iterable<[Path, unknown]> {
  if (Array.isArray(value)) for (const [n, item] of known(value)) yield* leaves(item, [...path, n]);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) yield* leaves(item, [...path, key]);
  else yield [path, value];
}
