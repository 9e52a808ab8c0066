/** Whether a private key file is protected by a passphrase, which Terraform cannot ask for. */
export function hasPassphrase(text: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1];
  if (body === undefined) return /ENCRYPTED/.test(text);
  // PROTOCOL.key of OpenSSH: a magic text with its zero byte, then the cipher's name behind its length.
  const bytes = Buffer.from(body, 'base64');
  const start = 'openssh-key-v1\0'.length;
  return bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start)).toString() !== 'none';
}
