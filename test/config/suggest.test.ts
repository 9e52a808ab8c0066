import { closest } from '../../src/config/suggest';

const keys = ['name', 'address', 'nodeIps', 'roles', 'dataDir'];

test.each([
  ['adress', 'address'],
  ['adresss', 'address'],
  ['nmae', 'name'],
  ['role', 'roles'],
  ['node_ips', 'nodeIps'],
  ['data-dir', 'dataDir'],
  ['Name', 'name'],
  ['addr', 'address'],
])("'%s' probably means '%s'", (typed, meant) => {
  expect(closest(typed, keys)).toBe(meant);
});

test.each(['colour', 'x', 'ip', 'mode'])("'%s' means none of the keys", (typed) => {
  expect(closest(typed, keys)).toBeUndefined();
});
