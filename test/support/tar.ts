/** A member of a tar archive as somebody may have put it there. */
export interface TarMember {
  readonly name: string;
  readonly content?: string;
  /** `0` plain, `1` and `2` links, `5` a folder, `x` and `L` other headers, `S` a file with holes. @default '0' */
  readonly type?: string;
  /** What the header says. @default - the length of the content */
  readonly size?: number;
}

/** A tar archive, byte by byte: no program makes some of these. */
export function tar(members: readonly TarMember[], end = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...members.flatMap(memberBytes), end]);
}

function memberBytes({
  name,
  content = '',
  type = '0',
  size = Buffer.byteLength(content),
}: TarMember): Buffer[] {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000600\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('/etc/shadow', 157);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return [header, body];
}
