import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The last release: CDKTF was archived after it. */
const release = '0.21.0';

/**
 * HashiCorp's `cdktf`, from a cache that npm fills once (424 MB); undefined where its registry does not have it, or cannot be
 * reached.
 */
export function cdktfCli(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'k3s-cdk');
  const folder = join(cache, `cdktf-cli-${release}`);
  const program = (at: string) => join(at, 'node_modules/.bin/cdktf');
  if (existsSync(program(folder))) return program(folder);
  const unfinished = `${folder}.installing-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    const options = ['--prefix', unfinished, '--no-audit', '--no-fund', '--ignore-scripts'];
    spawnSync('npm', ['install', ...options, `cdktf-cli@${release}`], { stdio: 'ignore', timeout: 300_000 });
    if (!existsSync(program(unfinished))) return undefined;
    if (!existsSync(folder)) renameSync(unfinished, folder);
    return program(folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** What `cdktf` and the Terraform that it calls must not do in a test: ask anybody for newer versions, or for consent. */
export const cdktfEnvironment = { CHECKPOINT_DISABLE: '1', DISABLE_VERSION_CHECK: '1', CI: '1' } as const;

/** The cdktf.json of a folder with a cluster.yaml. @param app what writes cdktf.out */
export function cdktfJson(app: string): string {
  return JSON.stringify({
    ...{ language: 'typescript', app, output: 'cdktf.out' },
    ...{ projectId: 'k3s-cdk', sendCrashReports: 'false' },
  });
}
