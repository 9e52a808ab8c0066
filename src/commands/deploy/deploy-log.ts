import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder';

/** Logs of the last deploys stay. */
const kept = 20;

/** All that Terraform, kubectl and the hosts said, in a file for its owner alone. */
export class DeployLog {
  readonly path: string;
  private readonly secrets: readonly string[];

  /**
   * @param folder made if it is not there
   * @param stamp what the file is called by
   * @param secrets texts that must not get into it; none is expected to be said, and this makes sure
   */
  constructor(folder: string, stamp: string, secrets: readonly string[]) {
    makeFolder(folder, { mode: 0o700 });
    const old = readdirSync(folder)
      .filter((name) => /^deploy-.*\.log$/.test(name))
      .sort();
    for (const name of old.slice(0, Math.max(0, old.length - kept + 1)))
      rmSync(join(folder, name), { force: true });
    this.path = join(folder, `deploy-${stamp}.log`);
    this.secrets = secrets.filter((secret) => secret.length >= 8);
    writeFileSync(this.path, '', { mode: 0o600, flag: 'a' });
  }

  add(line: string): void {
    appendFileSync(
      this.path,
      `${this.secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line)}\n`,
    );
  }
}
