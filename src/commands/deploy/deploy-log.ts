import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder';
import { plainText } from '../../programs/plain-text';

/** How many logs of the last runs are kept, of any command. */
const kept = 20;

/** Characters. A deploy of a hundred hosts has some million. */
const maxCharacters = 256 * 1024 * 1024;

const logName = /^(?:deploy|destroy)-(.*)\.log$/;
const timeOf = (file: string) => logName.exec(file)?.[1] ?? '';

/** All output of Terraform, kubectl and the hosts, in a file that only its owner can read. */
export class DeployLog {
  readonly path: string;
  private readonly secrets: readonly string[];

  /**
   * @param folder made if it is not there
   * @param name of the file, which ends with the time: `deploy-20261123T100000Z`
   * @param secrets texts that must not get into it; none is expected, and this makes sure
   * @param room characters that may be logged. Default: 256 million
   */
  constructor(
    folder: string,
    name: string,
    secrets: readonly string[],
    private room = maxCharacters,
  ) {
    makeFolder(folder, { mode: 0o700 });
    const old = readdirSync(folder)
      .filter((file) => logName.test(file))
      .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
    for (const file of old.slice(0, Math.max(0, old.length - kept + 1)))
      rmSync(join(folder, file), { force: true });
    this.path = join(folder, `${name}.log`);
    this.secrets = secrets.filter((secret) => secret.length >= 8);
    writeFileSync(this.path, '', { mode: 0o600, flag: 'a' });
  }

  /** Plain text, because logs are shown on terminals; and limited in size, whatever a host prints. */
  add(line: string): void {
    if (this.room <= 0) return;
    const text = `${this.secrets.reduce((text, secret) => text.replaceAll(secret, '***'), plainText(line))}\n`;
    this.room -= text.length;
    appendFileSync(this.path, this.room > 0 ? text : '… the log is full: the rest is left out\n');
  }
}
