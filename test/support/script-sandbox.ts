import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { scriptNames, scriptPath } from './host-scripts';

/** Folders of the system that scripts write to or ask; in the sandbox they are its own. */
const replaced = ['etc', 'run', 'boot', 'var', 'sys/fs/cgroup', 'usr/local', 'usr/libexec'];

/** Real programs that scripts get; every other one must be a stub. */
const programNames =
  'awk basename bash cat chmod cmp cp cut date diff dirname env find grep head id install ln ls md5sum mkdir mktemp mv printf ' +
  'readlink rm rmdir sed sha256sum sleep sort stat sync tail test timeout touch tr true wc';

/** Where they are on this machine. */
let programs: readonly { readonly name: string; readonly file: string }[] | undefined;

function findPrograms() {
  return programNames.split(' ').flatMap((name) => {
    const found = ['/usr/bin', '/bin'].map((path) => join(path, name)).find((path) => existsSync(path));
    return found ? [{ name, file: realpathSync(found) }] : [];
  });
}

export interface ScriptResult {
  readonly status: number | null;
  readonly stderr: string;
  readonly stdout: string;
}

/**
 * Runs the scripts of roles as root of a namespace in which `/etc`, `/run` and the like are empty folders,
 * with only a few real programs and the test's stubs on the PATH. The scripts know nothing of it.
 */
export class ScriptSandbox {
  private readonly root: string;
  /** Stubs, which come first on the PATH. */
  private readonly bin: string;
  private readonly programs: string;
  private readonly log: string;

  constructor(folder: string) {
    this.root = join(folder, 'root');
    this.bin = join(folder, 'bin');
    this.log = join(folder, 'calls');
    for (const name of [...replaced, 'tmp']) mkdirSync(join(this.root, name), { recursive: true });
    this.programs = join(folder, 'programs');
    for (const path of [this.bin, this.programs]) mkdirSync(path);
    writeFileSync(this.log, '');
    programs ??= findPrograms();
    for (const { name, file } of programs) symlinkSync(file, join(this.programs, name));
    this.write('etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n');
    this.write('etc/group', 'root:x:0:\n');
    this.write('sys/fs/cgroup/cgroup.controllers', 'cpu memory pids\n');
    this.write('etc/machine-id', `${'a'.repeat(32)}\n`);
    this.stub('uname', `case $1 in -n) echo server1 ;; -m) echo aarch64 ;; -r) echo 6.12.0-test ;; esac`);
  }

  /** Puts a program on the PATH; calls of it are noted. @param body what bash runs @default - nothing */
  stub(name: string, body = ''): void {
    const file = join(this.bin, name);
    // The smaller shell starts in half the time, and there are hundreds of starts.
    writeFileSync(file, `#!/bin/${body ? 'bash' : 'sh'}\necho "${name} $*" >>${this.log}\n${body}\n`);
    chmodSync(file, 0o755);
  }

  /** Takes a program off the PATH again. */
  unstub(name: string): void {
    rmSync(join(this.bin, name));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  /** Where a path of the host lies on the machine. */
  path(path: string): string {
    return join(this.root, path);
  }

  read(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  /** Puts a program onto the host itself. */
  program(path: string, body: string): void {
    this.write(path, `#!/bin/bash\n${body}\n`);
    chmodSync(join(this.root, path), 0o755);
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path));
  }

  /** Calls of stubs since the last run, in order. */
  calls(): string[] {
    return readFileSync(this.log, 'utf8').split('\n').filter(Boolean);
  }

  /**
   * @param script name of a role's script: `nfs.sh`
   * @param files what is uploaded beside it
   * @param mounts files of the sandbox that lie over files of the system: `/proc/cmdline`
   */
  run(script: string, files: Readonly<Record<string, string>>, mounts: readonly string[] = []): ScriptResult {
    const step = join(this.root, '..', 'step');
    mkdirSync(step, { recursive: true });
    for (const name of scriptNames) cpSync(scriptPath(name), join(step, name));
    cpSync(scriptPath(script), join(step, 'run.sh'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(step, name), text);
    return this.exec(`${step}/run.sh`, mounts);
  }

  /** Runs a script that lies on the host, as root. */
  exec(script: string, mounts: readonly string[] = []): ScriptResult {
    writeFileSync(this.log, '');
    const binds = [...replaced.map((name) => `/${name}`), ...mounts]
      .filter((path) => existsSync(path))
      .map((path) => `mount --bind ${this.root}${path} ${path}`);
    return spawnSync(
      'unshare',
      [
        '--user',
        '--map-root-user',
        '--mount',
        'bash',
        '-ec',
        `${binds.join('\n')}\nexec env -i PATH=${this.bin}:${this.programs} TMPDIR=${this.root}/tmp bash ${script}`,
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
  }
}
