import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** Makes folders for the tests of one file, removed when they are done. */
export function scratchFolders(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'k3s-cdk-test-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => mkdtempSync(join(root, 'folder-'));
}

/** All files below a folder as path → text, sorted by path; empty when there is no such folder. */
export function readTree(folder: string): Record<string, string> {
  const files: [string, string][] = [];
  const visit = (path: string) => {
    for (const name of readdirSync(path)) {
      const child = join(path, name);
      if (statSync(child).isDirectory()) visit(child);
      else files.push([relative(folder, child), readFileSync(child, 'utf8')]);
    }
  };
  if (statSync(folder, { throwIfNoEntry: false })) visit(folder);
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}
