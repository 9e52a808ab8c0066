import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const blockSize = 1024 * 1024;

/** The sha256 of a file of any size, in hexadecimal digits. */
export function sha256OfFile(path: string): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(blockSize);
  const descriptor = openSync(path, 'r');
  try {
    for (let read = 1; read > 0; ) {
      read = readSync(descriptor, block);
      hash.update(block.subarray(0, read));
    }
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
}

/** What `sha256sum` has written: sums by name. */
export function sums(text: string): Map<string, string> {
  const lines = text.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm);
  return new Map([...lines].map(([, sum = '', name = '']) => [name, sum]));
}
