import * as fc from 'fast-check';
import { hostRange, isMeantAsRange } from '../../src/config/host-range';
import { hostGroups, nameList, nameRanges, nameStems, someNames } from '../../src/model/host-groups';

const counted = (count: number, name = 'a') => Array.from({ length: count }, (_, i) => `${name}${i + 1}`);

test.each([
  [['agent1', 'agent2', 'agent3'], ['agent[1-3]']],
  [
    ['agent1', 'agent2', 'b1'],
    ['agent1', 'agent2', 'b1'],
  ],
  [
    ['n08', 'n09', 'n10', 'x'],
    ['n[08-10]', 'x'],
  ],
  [
    ['n9', 'n010', 'n11'],
    ['n9', 'n010', 'n11'],
  ],
  [['n98', 'n99', 'n100'], ['n[98-100]']],
  [
    ['n08', 'n09', 'n010', 'n011', 'n012'],
    ['n08', 'n09', 'n[010-012]'],
  ],
  [
    ['10.0.0.9', '10.0.0.10', '10.0.0.11', '10.0.1.12'],
    ['10.0.0.[9-11]', '10.0.1.12'],
  ],
  [
    ['n3-west', 'n1-west', 'storage1', 'n2-west', 'n2-west'],
    ['n[1-3]-west', 'storage1'],
  ],
  [
    ['rack1-01', 'rack2-01', 'rack1-02', 'rack2-02', 'rack1-03', 'rack2-03'],
    ['rack1-[01-03]', 'rack2-[01-03]'],
  ],
  [
    ['b', 'a'],
    ['b', 'a'],
  ],
])('%j is written as %j', (names, text) => {
  expect(nameRanges(names)).toEqual(text);
});

test('whatever hosts are called, cluster.yaml takes their ranges for just these hosts', () => {
  const name = fc
    .tuple(
      fc.constantFrom('a', 'n', 'rack2-'),
      fc.integer({ min: 0, max: 120 }),
      fc.constantFrom(0, 2, 3),
      fc.constantFrom('', '-west', '-r1'),
    )
    .map(([before, number, width, after]) => `${before}${String(number).padStart(width, '0')}${after}`);
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 80 }), (names) => {
      const expanded = nameRanges(names).flatMap((text) =>
        isMeantAsRange(text) ? (hostRange(text).texts ?? [`not a range: ${text}`]) : [text],
      );
      expect([...expanded].sort()).toEqual([...names].sort());
    }),
    { seed: 76 },
  );
});

test('a list that is too long counts the hosts that it leaves out, not the ranges', () => {
  const names = [...counted(40, 'agent'), 'storage1', ...counted(20, 'n').filter((_, i) => i % 2 === 0)];
  expect(nameList(names)).toMatch(/^agent\[1-40\], storage1, n1, n3, .*, n19$/);
  expect(nameList(names, { most: 2 })).toBe('agent[1-40], storage1 and 10 more');
  expect(nameList(names, { width: 24 })).toBe('agent[1-40] and 11 more');
  expect(nameList(names, { width: 10 })).toBe('51 hosts');
  expect(nameList(['a-name-that-is-longer-than-that'], { width: 10 })).toBe(
    'a-name-that-is-longer-than-that',
  );
  const odd = counted(40).filter((_, i) => i % 2 === 0);
  expect(someNames(odd)).toBe('a1, a3, a5, a7, a9, a11, a13, a15, a17, a19 and 10 more');
});

test('hosts stand alone where there is room for all, else with those of which the same is said', () => {
  const stem = (names: readonly string[]) => {
    const stems = nameStems(names);
    return (name: string) => stems.get(name) ?? '';
  };
  const names = ['a1', 'b1', 'a2'];
  expect(hostGroups(names, 3, stem(names))).toEqual([['a1'], ['b1'], ['a2']]);
  expect(hostGroups(names, 2, stem(names))).toEqual([['a1', 'a2'], ['b1']]);
});
