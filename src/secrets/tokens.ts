import { randomBytes } from 'node:crypto';
import { agentTokenCopies, agentTokenFile, tokenCopies, tokenFile } from '../model/secrets';
import type { Topology } from '../model/topology';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/** 256 bits: the datastore's bootstrap data is encrypted with it, and its hash is in Terraform's state. */
const tokenBytes = 32;

/** Shorter ones could be found from their hash. */
const shortest = 32;

interface Token {
  readonly file: string;
  readonly copies: readonly string[];
  /** What to do about a copy that differs, and about copies that differ when the token itself is lost. */
  readonly whenOneDiffers: string;
  readonly whenLost: string;
  /** What copies may hold from before. @default - nothing */
  readonly outdated?: string;
}

/**
 * The tokens of k3s and their copies: one for servers, one for agents. They are never replaced: a lost one is restored
 * from the copies, and a copy that differs is left for a person to judge. The servers' token must stay what it was at
 * the cluster's first start.
 */
export function ensureTokens(files: PrivateFiles, topology: Topology, report: SecretsReport): void {
  const token = ensureToken(
    files,
    {
      file: tokenFile,
      copies: tokenCopies(topology),
      whenOneDiffers:
        'a cluster keeps the token of its first start, so find out which one that is and copy it over the other',
      whenLost: `copy the one that the cluster was started with to '${tokenFile}'`,
    },
    report,
  );
  if (token === undefined) return;
  ensureToken(
    files,
    {
      file: agentTokenFile,
      copies: agentTokenCopies(topology),
      whenOneDiffers: 'any that servers and agents agree on will do, so delete the one or the other',
      whenLost: 'any that servers and agents agree on will do, so delete all but one',
      // Agents had the servers' token before they had one of their own.
      outdated: token,
    },
    report,
  );
}

/** Returns the token, unless that is for a person to decide. */
function ensureToken(
  files: PrivateFiles,
  { file, copies, whenOneDiffers, whenLost, outdated }: Token,
  report: SecretsReport,
): string | undefined {
  const contents = new Map(copies.map((copy) => [copy, files.read(copy)]));
  const known = new Set([...contents.values()].flatMap((text) => (text === outdated ? [] : (text ?? []))));
  const token = files.read(file) ?? newOrRestored(files, { file, known, whenLost }, report);
  if (token === undefined) return undefined;
  if (token.trim().length < shortest)
    report.found(
      'warning',
      `'${file}' has less than ${shortest} characters: its hash is in Terraform's state, from which a short token can be guessed`,
    );
  for (const [copy, content] of contents) {
    if (content === undefined) {
      files.create(copy, token);
      report.changed('made', copy);
    } else if (content !== token && content === outdated) {
      files.replace(copy, token);
      report.changed('copied', copy);
    } else if (content !== token) {
      report.found('error', `'${copy}' differs from '${file}': ${whenOneDiffers}`);
    }
  }
  return token;
}

function newOrRestored(
  files: PrivateFiles,
  { file, known, whenLost }: { file: string; known: ReadonlySet<string>; whenLost: string },
  report: SecretsReport,
): string | undefined {
  const [first, ...more] = known;
  if (more.length > 0) {
    report.found('error', `'${file}' is missing and its copies differ: ${whenLost}`);
    return undefined;
  }
  const token = first ?? `${randomBytes(tokenBytes).toString('hex')}\n`;
  files.create(file, token);
  report.changed(first === undefined ? 'made' : 'restored', file);
  return token;
}
