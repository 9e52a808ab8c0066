import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import type { Span } from './positions';

/** 1 MB is ten times a cluster of a thousand hosts, and more than the manifests of most applications. */
const maxBytes = 1_000_000;

/** The result of reading a file: its text, or what can be shown of it and what is wrong with it. */
export interface SourceText {
  readonly text: string;
  readonly problem?: { readonly code: string; readonly message: string; readonly span: Span };
}

/** What problems say of a file that there is not, or that is no text of the size of a description. */
export interface SourceWords {
  readonly missing: string;
  readonly directory: string;
  readonly tooLarge: string;
}

const ofCluster: SourceWords = {
  missing: "there is no such file: name it with '-f FILE', or create one with 'k3s-cdk init'",
  directory: "this is a directory: name the file in it, such as 'cluster.yaml'",
  tooLarge: 'the file is larger than 1 MB: a cluster description has a few kilobytes',
};

/** Where files are read from: at most so many bytes of one. @throws what node does for one that cannot be read */
export type ReadBytes = (file: string, most: number) => Uint8Array;

/** Reads a text file. Never throws: whatever is wrong with the file comes back as a problem. */
export function readSource(file: string, words = ofCluster, read: ReadBytes = readAtMost): SourceText {
  let bytes: Buffer;
  try {
    bytes = Buffer.from(read(file, maxBytes + 1));
  } catch (error) {
    return unreadable((error as NodeJS.ErrnoException).code ?? String(error), words);
  }
  if (bytes.length > maxBytes) return problem('', 'too-large', words.tooLarge);
  return decodeText(bytes);
}

/** From the disk. Stops after `limit` bytes, whatever the size says: pipes and devices have none. */
export function readAtMost(file: string, limit: number): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    while (length < limit) {
      const chunk = Buffer.allocUnsafe(Math.min(65_536, limit - length));
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}

/** From the disk: regular files below a folder, wherever links lead, and no secrets. */
export function readBelow(folder: string): ReadBytes {
  return (file, limit) => {
    const path = realpathSync(file);
    const [first] = relative(realpathSync(folder), path).split(sep);
    const code =
      first === '..' || first === ''
        ? 'it is, or is a link to, something outside of the folder of this file'
        : first === 'secrets'
          ? "it is in 'secrets', so name it under 'secrets' of the step"
          : statSync(path).isFile() || statSync(path).isDirectory()
            ? undefined
            : 'it is not a regular file';
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    return readAtMost(path, limit);
  };
}

function unreadable(reason: string, { missing, directory }: SourceWords): SourceText {
  switch (reason) {
    case 'ENOENT':
      return problem('', 'no-file', missing);
    case 'EISDIR':
      return problem('', 'no-file', directory);
    case 'EACCES':
    case 'EPERM':
      return problem('', 'no-file', 'the file cannot be read: you have no permission to');
    default:
      return problem('', 'no-file', `the file cannot be read: ${reason}`);
  }
}

function decodeText(bytes: Buffer): SourceText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return problem('', 'not-utf-8', 'the file is in UTF-16: save it as UTF-8');
  }
  // A byte order mark is not part of the text: it would shift the columns of the first line.
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const control = text.search(forbidden);
  if (control >= 0) {
    const code = (text.codePointAt(control) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return problem(
      text,
      'not-text',
      code === '0000'
        ? 'this is not a text file: it has a NUL byte here'
        : `there is a control character here, U+${code}: delete it`,
      control,
    );
  }
  if (text.includes('\ufffd')) {
    const invalid = firstInvalid(bytes, text);
    if (invalid !== undefined) {
      return problem(text, 'not-utf-8', 'this character is not UTF-8: save the file as UTF-8', invalid);
    }
  }
  return { text };
}

/** Control characters that YAML does not allow in a file (YAML 1.2.2, 5.1). */
const forbidden = /[^\P{Cc}\t\n\r\u0085]/u;

/** Index in `text` of the first replacement character that was not in the file. */
function firstInvalid(bytes: Buffer, text: string): number | undefined {
  const replacement = Buffer.from('\ufffd');
  let byte = bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;
  let done = 0;
  for (let found = text.indexOf('\ufffd'); found >= 0; found = text.indexOf('\ufffd', done)) {
    byte += Buffer.byteLength(text.slice(done, found));
    if (!bytes.subarray(byte, byte + 3).equals(replacement)) return found;
    byte += 3;
    done = found + 1;
  }
  return undefined;
}

function problem(text: string, code: string, message: string, offset = 0): SourceText {
  return { text, problem: { code, message, span: [offset, offset + 1] } };
}
