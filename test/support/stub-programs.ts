import childProcess from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Programs of the test's own that run instead of the machine's. */
export class StubPrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-stub-'));
  private readonly names = new Set<string>();
  private readonly spy: jest.SpyInstance;

  constructor() {
    const real = childProcess.spawn;
    // Changing PATH does not help: jest gives tests a copy of process.env.
    this.spy = jest
      .spyOn(childProcess, 'spawn')
      .mockImplementation(((name: string, ...rest: never[]) =>
        (real as (...args: unknown[]) => unknown)(
          this.names.has(name) ? join(this.folder, name) : name,
          ...rest,
        )) as never);
  }

  /** @param body what bash runs; `$STUB` is a folder to keep things in */
  add(name: string, body: string): void {
    const file = join(this.folder, name);
    writeFileSync(file, `#!/usr/bin/env bash\nSTUB=${this.folder}\n${body}\n`);
    chmodSync(file, 0o755);
    this.names.add(name);
  }

  remove(): void {
    this.spy.mockRestore();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
