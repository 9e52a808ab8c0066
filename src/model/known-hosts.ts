import { createHash, createHmac } from 'node:crypto';
import { canonicalAddress } from '../net/address';

/** A public host key, as in known_hosts. */
export interface HostKey {
  /** `ecdsa-sha2-nistp256`, `ssh-rsa`, `ssh-ed25519`. */
  readonly type: string;
  /** In base64. */
  readonly key: string;
}

/** `SHA256:…`, as `ssh-keygen -lf` prints it. */
export function fingerprint({ key }: Pick<HostKey, 'key'>): string {
  const hash = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${hash.replace(/={1,2}$/, '')}`;
}

interface Entry extends HostKey {
  readonly patterns: readonly string[];
}

/**
 * Types of keys in the order in which Terraform's SSH client asks a host for them (golang.org/x/crypto/ssh, tried
 * with Terraform 1.11). The host answers with the first type it has, and Terraform compares only that key:
 * the ed25519 key of a host that also has an ecdsa or an rsa key is rejected as a mismatch.
 */
export const hostKeyTypes: readonly string[] = [
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'ssh-ed25519',
];

/** How known_hosts calls an SSH server: `192.168.10.11`, or `[192.168.10.11]:2222` when the port is not 22. */
export function knownHostsName(address: string, port: number): string {
  const name = canonicalAddress(address).toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/**
 * A known_hosts file in memory: plain and hashed names, wildcards, negation and revoked keys. CA keys
 * (`@cert-authority`) are not used.
 */
export class KnownHosts {
  private readonly plain = new Map<string, Entry[]>();
  /** Entries whose names cannot be looked up, only tested. */
  private readonly others: Entry[] = [];
  private readonly revoked = new Set<string>();

  constructor(text: string) {
    for (const line of new Set(text.split('\n'))) this.add(line.trim());
  }

  private add(line: string): void {
    if (line === '' || line.startsWith('#')) return;
    const fields = line.split(/[ \t]+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [names = '', type = '', key = ''] = fields;
    if (marker === '@revoked') this.revoked.add(key);
    if (marker !== undefined || key === '') return;
    const entry: Entry = { patterns: names.split(','), type, key };
    if (/[*?!|]/.test(names)) this.others.push(entry);
    else
      for (const name of entry.patterns) {
        const canonical = canonicalName(name);
        const entries = this.plain.get(canonical);
        if (entries) entries.push(entry);
        else this.plain.set(canonical, [entry]);
      }
  }

  /** The keys of a host, without revoked ones, in the order of the file. */
  keys(address: string, port: number): HostKey[] {
    const name = knownHostsName(address, port);
    return [...(this.plain.get(name) ?? []), ...this.others.filter((entry) => matches(entry, name))]
      .filter(({ key }) => !this.revoked.has(key))
      .map(({ type, key }) => ({ type, key }));
  }

  /** The one key that Terraform will be shown, as `type base64`; undefined when no usable key is known. */
  hostKey(address: string, port: number): string | undefined {
    const keys = this.keys(address, port);
    for (const type of hostKeyTypes) {
      const found = keys.find((key) => key.type === type);
      if (found) return `${found.type} ${found.key}`;
    }
    return undefined;
  }
}

/** One spelling per name, whoever wrote the file. */
function canonicalName(name: string): string {
  const [, bracketed, port] = /^\[(.+)\]:(\d+)$/.exec(name) ?? [];
  return knownHostsName(bracketed ?? name, Number(port ?? 22));
}

/** A negated pattern that matches excludes the line, as ssh does it. */
function matches({ patterns }: Entry, name: string): boolean {
  if (patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name)))
    return false;
  return patterns.some((pattern) => matchesPattern(pattern, name));
}

function matchesPattern(pattern: string, name: string): boolean {
  const [, version, salt = '', hash] = pattern.split('|');
  if (version === '1')
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  if (!/[*?]/.test(pattern)) return canonicalName(pattern) === name;
  return matchesWildcards(pattern.toLowerCase(), name);
}

/** Only the last `*` ever has to take more: steps are at most the product of the lengths, for any number of them. */
function matchesWildcards(pattern: string, name: string): boolean {
  let [at, taken] = [0, 0];
  let star: { at: number; taken: number } | undefined;
  while (taken < name.length) {
    if (pattern[at] === '*') {
      star = { at, taken };
      at += 1;
    } else if (pattern[at] === '?' || pattern[at] === name[taken]) {
      at += 1;
      taken += 1;
    } else if (star) {
      star.taken += 1;
      [at, taken] = [star.at + 1, star.taken];
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
