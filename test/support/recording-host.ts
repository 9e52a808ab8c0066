import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptText, withLibraries } from './host-scripts';

/** A host on which the step `x` is run again and again; its `/etc`, `/run` and `/var` are folders of the test. */
export class RecordingHost {
  constructor(private readonly folder: string) {
    for (const name of ['run', 'etc', 'var']) mkdirSync(join(this.folder, name));
    // awk is one on Debian.
    if (existsSync('/etc/alternatives'))
      cpSync('/etc/alternatives', join(this.folder, 'etc/alternatives'), {
        recursive: true,
        verbatimSymlinks: true,
      });
    writeFileSync(join(this.folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
    writeFileSync(join(this.folder, 'etc/group'), 'root:x:0:\n');
  }

  /** Exit code of the step. */
  run(body: string): number | null {
    const step = join(this.folder, 'x.123');
    mkdirSync(step);
    const head =
      'set -euo pipefail\nhere=${BASH_SOURCE[0]%/*}\n. "$here/lib.sh"\n. "$here/lib-file-set.sh"\n';
    const files = withLibraries({ 'start.sh': scriptText('start.sh'), 'run.sh': `${head}${body}\n` });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(step, name), text);
    const { status, stderr } = this.bash(`exec bash ${step}/start.sh x 4711`);
    if (status !== 0 && !stderr.includes('as wanted')) throw new Error(stderr);
    return status;
  }

  /** Lines of the record of the step, or of its last run if that failed. */
  record(name: 'x' | 'x.unfinished' = 'x'): string[] | undefined {
    const file = join(this.folder, 'var/lib/k3s-cdk/records', name);
    if (!existsSync(file)) return undefined;
    // Times differ.
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replace(/ 4 \d+ /, ' 4 TIME '));
  }

  /** What the probe says about the records, sorted. */
  probe(): string[] {
    const tell = `tell() { local IFS=$'\\t'; printf '%s\\n' "$*"; }`;
    const { stdout } = this.bash(`set +e; ${tell}\n. ${process.cwd()}/src/status/probe-records.sh\nrecords`);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/\t\d+$/, '').replaceAll('\t', ' '))
      .sort();
  }

  /** Runs a script on it. */
  bash(script: string): SpawnSyncReturns<string> {
    const mounts = ['run', 'etc', 'var'].map((name) => `mount --bind ${this.folder}/${name} /${name}`);
    const whole = `${[...mounts, 'mkdir -p /run/lock'].join(' && ')}\n${script}`;
    return spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'bash', '-ec', whole], {
      encoding: 'utf8',
    });
  }
}
