import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DiagramOptions, diagramCommand } from '../../src/commands/diagram';
import { RecordingTerminal } from '../support/recording-terminal';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

function diagram(options: Partial<DiagramOptions> & { folder: string }) {
  const terminal = new RecordingTerminal(options.folder);
  const exitCode = diagramCommand({ file: 'cluster.yaml', format: 'svg', ...options }, terminal);
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
    errors: [expect.stringContaining('a folder is where a file is needed')],
  });
  expect(diagram({ folder, output: '/nope/a.svg' })).toMatchObject({
    exitCode: 1,
    errors: ["error: cannot write /nope/a.svg: '/nope/a.svg': no such file or directory"],
  });
});

test('a wrong cluster description is no picture', () => {
  const folder = scratch();
  const file = join(folder, 'cluster.yaml');
  writeFileSync(file, 'name: Home\n');
  const output = join(folder, 'a.svg');
  expect(diagram({ folder, file, output }).exitCode).toBe(1);
  expect(existsSync(output)).toBe(false);
});
