import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { K3sBinary } from '../k3s-binary';

/**
 * The release after another one: of the stand-in a copy that calls itself so; of k3s the binary `k3s-vX.Y.Z+k3sN` beside
 * it, undefined when there is none.
 *
 * @param folder gets what is made
 */
export function laterRelease(binary: K3sBinary, folder: string): K3sBinary | undefined {
  const version = nextPatch(binary.version);
  if (binary.standIn) {
    const text = readFileSync(binary.path, 'utf8').replaceAll(binary.version, version);
    return { path: program(folder, version, text), version, standIn: true };
  }
  const beside = dirname(binary.path);
  const name = readdirSync(beside).find((name) => name === `k3s-${version}`);
  return name === undefined ? undefined : { path: join(beside, name), version, standIn: false };
}

/** A release that says its version and does not start. */
export function brokenRelease(after: K3sBinary, folder: string): K3sBinary {
  const version = nextPatch(after.version);
  const text = `#!/bin/sh
[ "$1" = --version ] && { echo "k3s version ${version} (broken)"; exit; }
[ "$1" = kubectl ] && exec /usr/local/bin/k3s-${after.version} "$@"
echo 'level=fatal msg="this release is broken"' >&2
exit 1
`;
  return { path: program(folder, version, text), version, standIn: after.standIn };
}

function nextPatch(version: string): string {
  return version.replace(/\.(\d+)\+/, (_, patch: string) => `.${Number(patch) + 1}+`);
}

function program(folder: string, version: string, text: string): string {
  const path = join(folder, `k3s-${version}`);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
