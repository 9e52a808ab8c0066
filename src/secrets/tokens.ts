import { randomBytes } from 'node:crypto';
import {
  agentTokenCopies,
  agentTokenFile,
  previousTokens,
  previousTokensCopies,
  tokenCopies,
  tokenFile,
} from '../model/secrets';
import type { Topology } from '../model/topology';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/** 256 bits: the datastore's bootstrap data is encrypted with it, and its hash is in Terraform's state. */
const tokenBytes = 32;

/** Shorter ones could be recovered from their hash. */
const shortest = 32;

/** Whose token: what `init --rotate` takes. */
export type TokenOwner = 'servers' | 'agents';

export interface TokensOptions {
  /** Whose token is replaced. @default - nobody's */
  readonly rotate?: TokenOwner;
  /** Whether the cluster has run with these secrets, so that its token cannot be generated again. */
  readonly hasRun: () => boolean;
}

interface Token {
  readonly file: string;
  readonly copies: readonly string[];
  /** What to do about a copy that differs, and about copies that differ when the token itself is lost. */
  readonly whenOneDiffers: string;
  readonly whenLost: string;
  /** Why no new one may be generated when the token and all copies are lost; undefined if it may. */
  readonly whenGone: string | undefined;
  /** Previous tokens that copies may still have. */
  readonly outdated: readonly string[];
}

/**
 * The tokens of k3s and their copies: one for servers, one for agents. They are replaced only when asked to: a lost one
 * is restored from the copies, and a copy that differs is left for a person to judge.
 *
 * @returns whether the servers' token is there
 */
export function ensureTokens(
  files: PrivateFiles,
  topology: Topology,
  { rotate, hasRun }: TokensOptions,
  report: SecretsReport,
): boolean {
  if (rotate && files.read(fileOf[rotate]) !== undefined) {
    replaceToken(files, fileOf[rotate], newToken());
    report.changed('replaced', fileOf[rotate]);
  }
  const previous = files.read(previousTokens(tokenFile));
  const outdated = lines(previous);
  const token = ensureToken(
    files,
    {
      file: tokenFile,
      copies: tokenCopies(topology),
      whenOneDiffers: 'find out which one the cluster runs with and copy it over the other',
      whenLost: `copy the one that the cluster runs with to '${tokenFile}'`,
      whenGone: hasRun() ? 'which the data of the running cluster is encrypted with' : undefined,
      outdated,
    },
    report,
  );
  if (token === undefined) return false;
  if (previous !== undefined) copyAll(files, previous, previousTokensCopies(topology), report);
  ensureToken(
    files,
    {
      file: agentTokenFile,
      copies: agentTokenCopies(topology),
      whenOneDiffers: 'any that servers and agents agree on will do, so delete the one or the other',
      whenLost: 'any that servers and agents agree on will do, so delete all but one',
      whenGone: undefined,
      // Agents had the server token before they had their own.
      outdated: [token, ...outdated, ...lines(files.read(previousTokens(agentTokenFile)))],
    },
    report,
  );
  return true;
}

const fileOf = { servers: tokenFile, agents: agentTokenFile } as const;

/** Replaces an existing token, which is saved first: a run that is interrupted in between loses nothing. */
export function replaceToken(files: PrivateFiles, file: (typeof fileOf)[TokenOwner], token: string): void {
  const previous = previousTokens(file);
  files.replace(previous, `${files.read(previous) ?? ''}${files.read(file)?.trim()}\n`);
  files.replace(file, `${token}\n`);
}

function lines(text: string | undefined): string[] {
  return text?.split('\n').filter((line) => line !== '') ?? [];
}

/** Returns the token, unless a person has to decide. */
function ensureToken(files: PrivateFiles, wanted: Token, report: SecretsReport): string | undefined {
  const { file, copies, whenOneDiffers, outdated } = wanted;
  const contents = new Map(copies.map((copy) => [copy, files.read(copy)]));
  const isOutdated = (text: string) => outdated.some((old) => old.trim() === text.trim());
  const known = new Set(
    [...contents.values()].flatMap((text) => (text === undefined || isOutdated(text) ? [] : text)),
  );
  const token = files.read(file) ?? newOrRestored(files, known, wanted, report);
  if (token === undefined) return undefined;
  if (token.trim().length < shortest)
    report.found(
      'warning',
      `'${file}' has less than ${shortest} characters: its hash is in Terraform's state, from which a short token can be guessed`,
    );
  for (const [copy, content] of contents) {
    if (content === undefined) {
      files.create(copy, token);
      report.changed('created', copy);
    } else if (content !== token && isOutdated(content)) {
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
  known: ReadonlySet<string>,
  { file, whenLost, whenGone }: Token,
  report: SecretsReport,
): string | undefined {
  const [first, ...more] = known;
  if (more.length > 0) {
    report.found('error', `'${file}' is missing and its copies differ: ${whenLost}`);
    return undefined;
  }
  if (first === undefined && whenGone !== undefined) {
    report.found('error', `'${file}' is missing, ${whenGone}: ${tokenRemedy}`);
    return undefined;
  }
  files.create(file, first ?? `${newToken()}\n`);
  report.changed(first === undefined ? 'created' : 'restored', file);
  return first ?? files.read(file);
}

/** What to do about secrets of a running cluster. */
export const tokenRemedy =
  "restore it from your copy of secrets/, or fetch it with 'k3s-cdk init --from-hosts'";

function newToken(): string {
  return randomBytes(tokenBytes).toString('hex');
}

function copyAll(
  files: PrivateFiles,
  content: string,
  copies: readonly string[],
  report: SecretsReport,
): void {
  for (const copy of copies) {
    if (files.read(copy) === content) continue;
    files.replace(copy, content);
    report.changed('copied', copy);
  }
}
