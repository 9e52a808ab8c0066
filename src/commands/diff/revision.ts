import { resolve as absolute, basename, dirname, isAbsolute } from 'node:path';
import { type LoadResult, loadConfig } from '../../config/load';
import { readAtMost } from '../../config/read';
import { tryProgram } from '../../programs/try-program';
import { UserError } from '../../user-error';

/** A cluster.yaml that was read, and the known_hosts beside it; empty for none. */
export interface ReadCluster {
  /** Of the file in issues. */
  readonly name: string;
  readonly loaded: LoadResult;
  readonly knownHosts: string;
}

const timeoutMs = 30_000;

/**
 * Reads a cluster.yaml, and the files that it names, as they were in a revision of its git repository. Nothing is
 * checked out, and nothing fetched.
 *
 * @throws UserError when git does not have it
 */
export async function readRevision(
  file: string,
  revision: string,
  environment: NodeJS.ProcessEnv,
): Promise<ReadCluster> {
  const git = gitIn(dirname(absolute(file)), environment);
  const commit = await commitOf(revision, git);
  const files = new Map<string, Buffer | undefined>();
  const load = async (path: string) => {
    const { exitCode, stdout } = await git('cat-file', 'blob', `${commit}:./${path}`);
    files.set(path, exitCode === 0 ? Buffer.from(stdout) : undefined);
  };
  const own = basename(file);
  for (const path of [own, 'known_hosts']) await load(path);
  if (!files.get(own)) throw new UserError(`revision '${revision}' has no '${own}' in this folder`);
  // As git names it.
  const name = `${revision}:./${own}`;
  for (;;) {
    const missing = new Set<string>();
    const loaded = loadConfig(own, name, (path, most) => {
      if (isAbsolute(path)) return readAtMost(path, most);
      const bytes = files.get(path);
      if (bytes) return bytes.subarray(0, most);
      if (!files.has(path)) missing.add(path);
      throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    });
    if (missing.size === 0) return { name, loaded, knownHosts: files.get('known_hosts')?.toString() ?? '' };
    for (const path of missing) await load(path);
  }
}

async function commitOf(revision: string, git: ReturnType<typeof gitIn>): Promise<string> {
  const { exitCode, stdout, stderr } = revision.startsWith('-')
    ? { exitCode: 1, stdout: '', stderr: '' }
    : await git('rev-parse', '--quiet', '--verify', `${revision}^{commit}`);
  if (exitCode === 0) return stdout.trim();
  const said = /^fatal: (.*)$/m.exec(stderr)?.[1];
  throw new UserError(
    said
      ? `git does not read '${revision}': ${said}`
      : `git has no revision '${revision}' here: name a branch, a tag or a commit, and fetch it first (in CI, check out with history); to compare two files, name both`,
  );
}

/** Runs git, which reads what is there: nothing is fetched for it. */
function gitIn(folder: string, environment: NodeJS.ProcessEnv) {
  const env = { ...environment, GIT_NO_LAZY_FETCH: '1', LC_ALL: 'C' };
  return async (...args: string[]) => {
    const result = await tryProgram('git', ['-C', folder, ...args], { env, timeoutMs });
    if ('failure' in result)
      throw new UserError(
        `git, which has the earlier cluster.yaml, ${result.failure}: install it, or compare two files`,
      );
    return result;
  };
}
