import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bashScript } from '../../../src/commands/completion/bash';
import { commandSpecs } from '../../../src/commands/completion/spec';
import { idleProgram } from '../../support/command-line';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();
const script = bashScript(commandSpecs(idleProgram()));

/** What bash itself offers after these words; the last is being typed. */
function offered(...words: string[]): string[] {
  const cwd = scratch();
  writeFileSync(join(cwd, 'my cluster.yaml'), '');
  const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _k3s_cdk; printf '%s\\n' "\${COMPREPLY[@]}"`;
  // Without the machine's own bashrc: bash reads it when it is nobody's child shell and its input a socket, as here.
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['--norc', '-uc', `${script}\n${ask}`, 'bash', 'k3s-cdk', ...words],
    {
      cwd,
      encoding: 'utf8',
    },
  );
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter(Boolean);
}

test('commands, where a command is expected', () => {
  expect(offered('')).toEqual(
    expect.arrayContaining(['synth', 'validate', 'init', 'diagram', 'completion', '--help']),
  );
  expect(offered('val')).toEqual(['validate']);
});

test('the options of the command that was typed', () => {
  expect(offered('synth', '--c')).toEqual(['--check']);
  expect(offered('synth', '-f', 'a.yaml', '--o')).toEqual(['--out']);
  expect(offered('validate', '--c')).toEqual([]);
});

test('the values of an option', () => {
  expect(offered('diagram', '--format', '')).toEqual(['svg', 'mermaid']);
  expect(offered('diagram', '--format', '=')).toEqual(['svg', 'mermaid']);
  expect(offered('diagram', '--format', '=', 'm')).toEqual(['mermaid']);
  expect(offered('init', '--user', '')).toEqual([]);
});

test('files, with spaces in their names too', () => {
  expect(offered('synth', '-f', 'my')).toEqual(['my cluster.yaml']);
  expect(offered('synth', '--file', 'none')).toEqual([]);
});

test('the words of an argument', () => {
  expect(offered('completion', 'z')).toEqual(['zsh']);
});
