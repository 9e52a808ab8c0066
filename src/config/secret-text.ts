/** Names of settings whose values are secrets, in any case and with any separator; not `secret_suffix`, or `token_path`. */
const secretName =
  /(^|[-_]|pg)((vpn|http|basic)[-_]auth|password|passwd|passphrase|secret|secret[-_]id|token|(secret|access|client|encryption|customer)[-_]key)$/i;

/** The password of a URL with a user, or in the words of a connection string of Postgres. */
const password = /:\/\/[^/\s:@]*:[^/\s@]+@|(^|[\s?&'"])(ssl)?password\s*=/;

/** A key, or the JSON that a cloud gives for an account. */
const keyText = /-----BEGIN|"private_key"/;

/** A line in the middle of a key. */
const keyLine = /^\s*[A-Za-z0-9+/=]{40,}\s*$/;

/** `user: name:password`. */
const userWithPassword = /user(name|info)?["']?\s*[:=]\s*["']?[^\s:'",]+:[^\s]/i;

// From the beginning of a name: from each of its characters would take long.
const setting = /(?<![\w.-])([\w.-]+)["']?\s*[:=]\s*[^\s#]/g;

/** Whether a setting of this name has a secret as its value: `secret_key`, `vpn-auth`, `apiToken`. */
export function isSecretName(name: string): boolean {
  return secretName.test(name.replace(/[a-z](?=[A-Z])/g, '$&_'));
}

/** Whether a value has a secret in it, whatever its name. */
export function holdsSecret(value: string): boolean {
  return password.test(value) || keyText.test(value);
}

/** Whether a line of a file may show a secret: it is then not repeated where messages go, as CI's log is. */
export function showsSecret(line: string): boolean {
  return (
    holdsSecret(line) ||
    keyLine.test(line) ||
    userWithPassword.test(line) ||
    [...line.matchAll(setting)].some(([, name]) => isSecretName(name ?? ''))
  );
}
