/** `e_machine` of the ELF header. */
const machines: Readonly<Record<number, string>> = { 62: 'amd64', 183: 'arm64' };

/** The architecture that a Linux program is for; undefined when it is none, or for another. */
export function programArchitecture(content: Buffer): string | undefined {
  if (content.length < 20 || content.readUInt32BE(0) !== 0x7f454c46) return undefined;
  return machines[content.readUInt16LE(18)];
}
