import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DiagramOptions, diagramCommand } from '../../src/commands/diagram';
import { RecordingTerminal } from '../support/recording-terminal';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

function diagram(options: Partial<DiagramOptions> & { folder: string }) {
  const terminal = new RecordingTerminal(options.folder);
  const exitCode = diagramCommand(
    { file: 'cluster.yaml', format: 'svg', onScreen: false, ...options },
    terminal,
  );
  return { exitCode, printed: terminal.printed, errors: terminal.errors };
}

test('goes to standard output, or into a file that is named', () => {
  const folder = scratch();
  const [text] = diagram({ folder }).printed;
  const output = join(folder, 'a.svg');
  expect(diagram({ folder, output })).toEqual({ exitCode: 0, printed: ['wrote a.svg'], errors: [] });
  expect(readFileSync(output, 'utf8')).toBe(`${text}\n`);
  expect(diagram({ folder, format: 'mermaid' }).printed[0]).toMatch(/^flowchart TB\n/);
});

test('a file that cannot be written is an error with its reason', () => {
  const folder = scratch();
  expect(diagram({ folder, output: folder })).toMatchObject({
    exitCode: 1,
    errors: [`error: '${folder}' is a folder: name a file in it`],
  });
  expect(diagram({ folder, output: '/nope/a.svg' })).toMatchObject({
    exitCode: 1,
    errors: ["error: cannot write '/nope/a.svg': there is no folder '/nope'"],
  });
});

test('a terminal gets no SVG, but the command that writes a file; text it does get', () => {
  const folder = scratch();
  expect(diagram({ folder, onScreen: true })).toEqual({
    exitCode: 1,
    printed: [],
    errors: ["error: a terminal shows no picture: write it to a file with 'k3s-cdk diagram -o cluster.svg'"],
  });
  expect(diagram({ folder, onScreen: true, format: 'mermaid' }).exitCode).toBe(0);
});

test('a wrong cluster description is no picture', () => {
  const folder = scratch();
  const file = join(folder, 'cluster.yaml');
  writeFileSync(file, 'name: Home\n');
  const output = join(folder, 'a.svg');
  expect(diagram({ folder, file, output }).exitCode).toBe(1);
  expect(existsSync(output)).toBe(false);
});
