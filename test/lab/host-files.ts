import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** Makes a sparse file of that size, unless it is there. */
export function sparse(path: string, mebibytes: number): void {
  if (existsSync(path)) return;
  closeSync(openSync(path, 'w'));
  truncateSync(path, mebibytes * 1024 * 1024);
}

/** Content of a JSON file; undefined when there is none. */
export function readJson<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}

/** The last lines of a console's output, without its colours. */
export function consoleTail(path: string, lines = 30): string {
  if (!existsSync(path)) return '';
  return stripVTControlCharacters(readFileSync(path, 'utf8')).split('\n').slice(-lines).join('\n');
}

/** Six digits that stand for a lab where its name is too long. */
export function shortId(namespace: string): string {
  return createHash('sha256').update(namespace).digest('hex').slice(0, 6);
}

/** A host's own, the same at every boot, like that of a network card: others remember it. */
export function macAddress(namespace: string, index: number): string {
  return `02${shortId(namespace)}${index.toString(16).padStart(4, '0')}`.replace(/..(?!$)/g, '$&:');
}

/** Shell command that prints how many connections sshd has accepted, those that did not log in included. */
export const countSshConnections =
  "journalctl -t sshd -t sshd-session -o cat --no-pager | grep -c '^Connection from' || true";
