import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containers } from './lab/container/container-kind';
import { loadOverrides } from './lab/lab-file';
import { scratchFolders } from './support/scratch';

const scratch = scratchFolders();

function overrides(text: string) {
  const file = join(scratch(), 'lab.yaml');
  writeFileSync(file, text);
  return loadOverrides(file);
}

test('a lab file makes hosts Raspberry Pis', () => {
  const { pi4, pi5 } = overrides(`
hosts:
  pi4: { arch: arm64, firmware: raspberry-ubuntu }
  pi5: { arch: arm64, firmware: raspberry, pageSize: 16 }`);
  expect({ pi4, pi5 }).toEqual({
    pi4: { arch: 'arm64', firmware: 'raspberry-ubuntu' },
    pi5: { arch: 'arm64', firmware: 'raspberry', pageSize: 16 },
  });
});

test('a lab file makes hosts Enterprise Linux', () => {
  expect(overrides('hosts: { el1: { system: el } }')).toEqual({ el1: { system: 'el' } });
});

test('a lab file that asks for machines that do not exist says how to correct all of it', () => {
  const load = () =>
    overrides(`
hosts:
  one: { pageSize: 16 }
  two: { firmware: raspberry, arch: amd64 }
  three: { arch: riscv64 }
  four: { arch: arm64, system: el }`);
  for (const said of [
    "only arm64 has a kernel with pages of 16 KiB: add 'arch: arm64'\n  → at hosts.one.pageSize",
    "a Raspberry Pi is an arm64 machine: add 'arch: arm64'\n  → at hosts.two.firmware",
    'Invalid option: expected one of "amd64"|"arm64"\n  → at hosts.three.arch',
    "Enterprise Linux is there with amd64 only: leave 'arch: arm64' out\n  → at hosts.four.system",
  ])
    expect(load).toThrow(said);
});

test.each([
  { arch: process.arch === 'arm64' ? 'amd64' : 'arm64' },
  { pageSize: 16 },
  { firmware: 'raspberry' },
  { system: 'el' },
] as const)('a container cannot be %j', async (other) => {
  const lab = { name: 'lab', hosts: [{ name: 'pi', addresses: [], ...other }] };
  await expect(containers.prepare(lab)).rejects.toThrow(
    "'pi' would have another processor, kernel, firmware or system",
  );
});
