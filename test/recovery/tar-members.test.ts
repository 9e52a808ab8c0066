import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { tarMembers } from '../../src/recovery/tar-members';
import { UserError } from '../../src/user-error';
import { testWith } from '../support/programs';
import { scratchFolders } from '../support/scratch';
import { tar } from '../support/tar';

const scratch = scratchFolders();
const wanted = ['a', 'b'];
const good = [
  { name: 'a', content: 'one' },
  { name: 'b', content: 'x'.repeat(2000) },
];
const read = (archive: Buffer) =>
  Object.fromEntries([...tarMembers('it', archive, wanted)].map(([name, bytes]) => [name, String(bytes)]));

test('plain files are read', () => {
  expect(read(tar(good))).toEqual({ a: 'one', b: 'x'.repeat(2000) });
});

testWith('tar')('so is what tar makes, whatever its lengths', () => {
  const folder = scratch();
  for (const length of [0, 1, 511, 512, 513, 8191, 8192, 8704, 9216, 9728, 10_240]) {
    writeFileSync(join(folder, 'a'), 'one');
    writeFileSync(join(folder, 'b'), 'x'.repeat(length));
    const archive = execFileSync('tar', ['-C', folder, '--owner=root:0', '-cf', '-', ...wanted]);
    expect(read(archive)).toEqual({ a: 'one', b: 'x'.repeat(length) });
  }
});

test.each([
  ['a path out of the folder', { name: '../../etc/cron.d/x' }, "a file '../../etc/cron.d/x'"],
  ['a path from the root', { name: '/etc/passwd' }, "a file '/etc/passwd'"],
  ['another file', { name: 'c' }, "a file 'c'"],
  ['a file twice', { name: 'a' }, "a file 'a'"],
  ['a symbolic link', { name: 'b', type: '2' }, "'b', which is not a regular file"],
  ['a hard link', { name: 'b', type: '1' }, "'b', which is not a regular file"],
  ['a device', { name: 'b', type: '3' }, "'b', which is not a regular file"],
  ['a pipe', { name: 'b', type: '6' }, "'b', which is not a regular file"],
  ['a folder', { name: 'b', type: '5' }, "'b', which is not a regular file"],
  ['a file with holes', { name: 'b', type: 'S' }, "'b', which is not a regular file"],
  ['a header of another format', { name: 'b', type: 'x' }, "'b', which is not a regular file"],
  ['a long name', { name: '././@LongLink', type: 'L' }, "'././@LongLink', which is not a regular file"],
])('%s is refused by name', (_, member, what) => {
  expect(() => read(tar([{ name: 'a', content: 'one' }, member]))).toThrow(`'it' holds ${what}`);
});

test('a truncated archive is rejected', () => {
  const whole = tar(good);
  for (const length of [0, 100, 512, 600, 1024, 2000, whole.length - 1025])
    expect(() => read(whole.subarray(0, length))).toThrow("'it' is damaged or cut short");
  expect(() => read(tar([{ name: 'a', content: 'one', size: 8_000_000_000 }]))).toThrow(
    'damaged or cut short',
  );
  expect(() => read(tar(good.slice(0, 1)))).toThrow("it has no 'b'");
  expect(() => read(tar(good, Buffer.concat([Buffer.alloc(1024), tar(good)])))).toThrow(
    'has data after its end',
  );
  expect(() => read(tar(good, Buffer.alloc(1_000_000)))).toThrow('has data after its end');
});

test('any bytes are read, or rejected with a message', () => {
  const whole = tar(good);
  const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const archive = Buffer.from(whole);
      for (const { at, byte } of changes) archive[at] = byte;
      try {
        expect(Object.keys(read(archive))).toEqual(wanted);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
    { seed: 20261128, numRuns: 500, interruptAfterTimeLimit: 2000 },
  );
});
