import type { Topology } from '../model/topology';
import { type UserSecret, userSecrets } from '../model/user-secrets';
import { publicKeyOf } from '../pki/inspect';
import { isAnyKey } from '../pki/key';
import type { PrivateFiles } from './private-files';
import type { SecretFinding, SecretsReport } from './report';

/** What some of them must be. */
const forms: Readonly<
  Record<NonNullable<UserSecret['form']>, { readonly what: string; readonly isIt: (text: string) => boolean }>
> = {
  certificate: { what: 'a certificate (PEM)', isIt: (text) => publicKeyOf(text) !== undefined },
  key: { what: 'a private key (PEM) without a passphrase', isIt: isAnyKey },
  address: {
    what: "an address, such as https://ntfy.sh/TOPIC, with headers in further lines ('Name: value') if it needs some",
    isIt: (text) => /^https?:\/\/[!-~]{3,2000}\r?(\n[A-Za-z][\w-]*: ?[ -~]{1,2000}\r?)*\n?$/.test(text),
  },
  variables: {
    what: "lines like 'NAME=value', for restic",
    isIt: (text) => /^([A-Z][A-Z0-9_]*=[^\p{Cc}]*\r?\n|#.*\n|\n)*$/u.test(text.replace(/(?<!\n)$/, '\n')),
  },
  password: { what: 'one line with a password', isIt: (text) => /^[^\p{Cc}]+\r?\n?$/u.test(text) },
};

/** Copies follow what the user has written; the user has to write what is missing. */
export function ensureUserSecrets(files: PrivateFiles, topology: Topology, report: SecretsReport): void {
  for (const secret of userSecrets(topology)) {
    const problem = problemOf(secret, files);
    if (problem) report.found(problem.severity, problem.message);
    const text = files.read(secret.original);
    if (problem || text === undefined) continue;
    for (const copy of staleCopies(secret, text, files)) {
      files.replace(copy, secret.as?.(text) ?? text);
      report.changed('copied', copy);
    }
  }
}

/** What `ensureUserSecrets` would copy or complain about. */
export function userSecretFindings(files: PrivateFiles, topology: Topology): SecretFinding[] {
  return userSecrets(topology).flatMap((secret) => {
    const text = files.read(secret.original);
    const problem = problemOf(secret, files);
    if (problem || text === undefined || staleCopies(secret, text, files).length === 0) return problem ?? [];
    return {
      severity: 'error',
      message: `'${secret.original}' differs from what would be uploaded of it: run 'k3s-cdk init'`,
    };
  });
}

function staleCopies({ copies, as }: UserSecret, text: string, files: PrivateFiles): string[] {
  const wanted = as?.(text) ?? text;
  return copies.filter((copy) => files.read(copy) !== wanted);
}

function problemOf(secret: UserSecret, files: PrivateFiles): SecretFinding | undefined {
  const { original, copies, neededBy } = secret;
  const text = files.read(original);
  // Bytes that are none are read as this.
  if (text?.includes('\ufffd'))
    return { severity: 'error', message: `'${original}' is not text in UTF-8, which it has to be` };
  const form = secret.form && forms[secret.form];
  if (text !== undefined && form && !form.isIt(text))
    return { severity: 'error', message: `'${original}' is not ${form.what}, which it has to be` };
  if (text !== undefined) return undefined;
  const severity = neededBy.length > 0 ? 'error' : 'warning';
  const copy = copies.find((path) => files.read(path) !== undefined);
  if (copy !== undefined)
    return {
      severity,
      message: `'${copy}' is uploaded, but there is no '${original}' that it is a copy of: move it there, or delete it`,
    };
  const [node] = neededBy;
  return node && { severity, message: `'${original}' is missing, which '${node.name}' needs: write it` };
}
