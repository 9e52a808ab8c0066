import { closeSync, openSync, readSync } from 'node:fs';

const block = 512;

/** An image in an archive. */
export interface ArchivedImage {
  readonly names: readonly string[];
  /** Undefined: the archive does not say. */
  readonly architecture?: string;
}

/**
 * Images in an archive of `podman save`; undefined if it has no readable list of them: another format, or
 * compressed.
 */
export function imagesIn(file: string): readonly ArchivedImage[] | undefined {
  try {
    const listed = JSON.parse(fileInTar(file, 'manifest.json') ?? '') as {
      readonly Config?: string;
      readonly RepoTags?: readonly string[] | null;
    }[];
    return listed.map(({ Config, RepoTags }) => {
      const architecture = Config === undefined ? undefined : architectureOf(file, Config);
      return { names: RepoTags ?? [], ...(architecture !== undefined && { architecture }) };
    });
  } catch {
    return undefined;
  }
}

function architectureOf(file: string, config: string): string | undefined {
  const text = fileInTar(file, config);
  return text === undefined ? undefined : (JSON.parse(text) as { architecture?: string }).architecture;
}

/** A file in a tar archive; on the way there only headers are read. */
function fileInTar(file: string, wanted: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(block);
    for (let offset = 0; readSync(descriptor, header, 0, block, offset) === block; ) {
      if (header.subarray(257, 262).toString() !== 'ustar') return undefined;
      const size = sizeOf(header);
      if (text(header, 0, 100).replace(/^\.\//, '') === wanted) {
        const content = Buffer.alloc(size);
        readSync(descriptor, content, 0, size, offset + block);
        return content.toString();
      }
      offset += block + Math.ceil(size / block) * block;
    }
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

/** In octal digits, or for a large file as a number after a set bit. */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(128));
  return Number.parseInt(text(header, 124, 12), 8) || 0;
}

function text(header: Buffer, start: number, length: number): string {
  return header
    .subarray(start, start + length)
    .toString()
    .replace(/[\0 ].*$/s, '');
}
