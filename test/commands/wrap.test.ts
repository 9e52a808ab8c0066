import { wrapped } from '../../src/commands/wrap';
import { styled } from '../../src/programs/style';

const width = 40;
const lines = (text: string) => wrapped(text, width).split('\n');

test('a sentence is broken between words and goes on indented', () => {
  expect(lines('error: server1: refuses the connection: is its SSH server running?')).toEqual([
    'error: server1: refuses the connection:',
    '  is its SSH server running?',
  ]);
});

test('a command in quotes is copied in one piece', () => {
  expect(lines("there is a remedy for all of that: run 'k3s-cdk init -f lab.yaml'")).toEqual([
    'there is a remedy for all of that: run',
    "  'k3s-cdk init -f lab.yaml'",
  ]);
});

test('a command on a line of its own stays a command', () => {
  expect(lines('  terraform -chdir=out apply -replace=a.b -replace=c.d')).toEqual([
    '  terraform -chdir=out apply \\',
    '    -replace=a.b -replace=c.d',
  ]);
});

test('the second column of a list goes on below itself', () => {
  expect(lines('postgres  storage1 17.6, 42 of 320 connections')).toEqual([
    'postgres  storage1 17.6, 42 of 320',
    '          connections',
  ]);
});

test.each([
  ['short lines', 'short\n  and short'],
  ['colours, which take no room', styled('red', 'x'.repeat(width), { color: true })],
  ['a word that is longer than the screen', `${'x'.repeat(width + 1)}`],
  ['a line of a source with its carets', `   5 | - { name: server1, address: 192.168.10.11 }`],
])('%s stay as they are', (_, text) => {
  expect(wrapped(text, width)).toBe(text);
});
