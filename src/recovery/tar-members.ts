import { UserError } from '../user-error';

const block = 512;

/** tar ends with two blocks of zeros at least, and fills a record of twenty. */
const maxPadding = 40 * block;

/** Members of an archive by name, as parts of its own bytes. */
export type Members = ReadonlyMap<string, Buffer>;

/**
 * Reads a tar archive that has exactly these plain files, each once. Nothing else gets through to a program
 * that might act on it: no links, devices, sparse files, long or other names.
 *
 * @param name of the archive, for messages
 * @throws UserError
 */
export function tarMembers(name: string, archive: Buffer, wanted: readonly string[]): Members {
  const members = new Map<string, Buffer>();
  let at = 0;
  for (;;) {
    const header = archive.subarray(at, at + block);
    if (header.length < block) throw damaged(name);
    if (isZero(header)) break;
    const member = readHeader(name, header);
    if (!wanted.includes(member.name) || members.has(member.name) || !member.isFile)
      throw new UserError(
        `'${name}' holds ${described(member)}, which no backup of k3s-cdk does: give another file`,
      );
    const content = archive.subarray(at + block, at + block + member.size);
    if (content.length < member.size) throw damaged(name);
    members.set(member.name, content);
    at += block + Math.ceil(member.size / block) * block;
  }
  // A program may read on.
  if (archive.length - at > maxPadding || !isZero(archive.subarray(at)))
    throw new UserError(
      `'${name}' has data after its end, which no backup of k3s-cdk has: give another file`,
    );
  const missing = wanted.find((each) => !members.has(each));
  if (missing !== undefined)
    throw new UserError(`'${name}' is damaged: it has no '${missing}', so take another backup`);
  return members;
}

interface Header {
  readonly name: string;
  readonly size: number;
  readonly isFile: boolean;
}

/** The header of a member (POSIX, "ustar Interchange Format"). */
function readHeader(archive: string, header: Buffer): Header {
  const text = (from: number, to: number) =>
    header.subarray(from, to).toString('latin1').split('\0', 1)[0] ?? '';
  const octal = (from: number, to: number) => {
    const digits = text(from, to).trim();
    return /^[0-7]{1,11}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
  };
  const [size, sum] = [octal(124, 136), octal(148, 156)];
  if (size === undefined || sum !== checksum(header)) throw damaged(archive);
  // A prefix is a folder.
  const prefix = text(345, 500);
  return {
    name: prefix === '' || text(257, 265) === 'ustar  ' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    size,
    isFile: header[156] === 0 || header[156] === 0x30,
  };
}

/** Of all bytes, with spaces in the place of the sum itself. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function described({ name, isFile }: Header): string {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return isFile ? `a file '${shown}'` : `'${shown}', which is not a regular file`;
}

function damaged(name: string): UserError {
  return new UserError(`'${name}' is damaged or cut short: take another backup`);
}
