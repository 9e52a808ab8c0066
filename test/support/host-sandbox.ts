import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLibraries } from './host-scripts';

/** Folders of the machine that a script sees as its own, so that scripts need no prefix for tests. */
const replaced = {
  '/etc': 'etc',
  '/var': 'var',
  '/run': 'run',
  '/usr/local': 'usr/local',
  '/sys/fs/cgroup': 'sys/fs/cgroup',
} as const;

export interface RunResult {
  readonly status: number | null;
  /** Standard output and error, in the order they came. */
  readonly output: string;
}

/**
 * A host for one script: root of its own user and mount namespace, with empty system folders and stub programs first
 * on PATH. What a stub was called with is in `calls()`.
 */
export class HostSandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-host-'));

  constructor() {
    for (const path of Object.values(replaced)) mkdirSync(join(this.folder, path), { recursive: true });
    for (const path of ['step', 'stubs']) mkdirSync(join(this.folder, path));
    // awk is one on Debian.
    if (existsSync('/etc/alternatives'))
      cpSync('/etc/alternatives', this.path('/etc/alternatives'), {
        recursive: true,
        verbatimSymlinks: true,
      });
    this.write('/etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n');
    this.write('/etc/group', 'root:x:0:\n');
  }

  /** Where an absolute path of the host lies on the machine. */
  path(path: string): string {
    return join(this.folder, path);
  }

  write(path: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
    chmodSync(this.path(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(this.path(path)) || lstatSync(this.path(path), { throwIfNoEntry: false }) !== undefined;
  }

  mode(path: string): string {
    return (lstatSync(this.path(path)).mode & 0o777).toString(8);
  }

  /** @param body what bash runs; `$STUB` is a folder to keep things in */
  stub(name: string, body = ''): void {
    const file = join(this.folder, 'stubs', name);
    writeFileSync(
      file,
      // The smaller shell starts in half the time, and there are hundreds of starts.
      `#!/bin/${body ? 'bash' : 'sh'}\necho "${name} $*" >>"$STUB/calls.log"\n${body}\n`,
    );
    chmodSync(file, 0o755);
  }

  /** Every call of a stub since the last time. */
  calls(): string[] {
    const log = join(this.folder, 'stubs', 'calls.log');
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
    rmSync(log, { force: true });
    return lines;
  }

  /** Runs a step's `run.sh` with its files, and with `upload` as the folder that came along. */
  run(files: Readonly<Record<string, string>>, upload?: string): RunResult {
    // Terraform uploads a new folder every time.
    rmSync(join(this.folder, 'step'), { recursive: true });
    mkdirSync(join(this.folder, 'step'));
    for (const [name, content] of Object.entries(withLibraries(files)))
      writeFileSync(join(this.folder, 'step', name), content);
    const mounts = Object.entries(replaced).map(
      ([path, own]) => `mount --bind '${this.folder}/${own}' ${path}`,
    );
    const { status, stdout } = spawnSync(
      'unshare',
      [
        '--user',
        '--map-root-user',
        '--mount',
        'bash',
        '-c',
        [...mounts, `exec bash '${this.folder}/step/run.sh' "$@" 2>&1`].join('\n'),
        '-',
        ...(upload === undefined ? [] : [upload]),
      ],
      {
        encoding: 'utf8',
        timeout: 60_000,
        env: {
          PATH: `${this.folder}/stubs:/usr/sbin:/usr/bin:/sbin:/bin`,
          LC_ALL: 'C',
          STUB: join(this.folder, 'stubs'),
        },
      },
    );
    return { status, output: stdout };
  }

  /** Becomes the host that `other` is: what is the same for many tests needs to be done once. */
  become(other: HostSandbox): void {
    rmSync(this.folder, { recursive: true });
    cpSync(other.folder, this.folder, {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
