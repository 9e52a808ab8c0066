import { processScreen } from '../../src/commands/screen';
import { processTerminal } from '../../src/commands/terminal';

afterEach(() => jest.restoreAllMocks());

test('nothing that is printed can control the terminal, except our own styles', () => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  const terminal = processTerminal();
  const text = '\u001b[1mserver1\u001b[22m: \u001b]52;c;aWQK\u0007said\u001b[2J \u009b5n\u202e';
  terminal.print(text);
  terminal.error(text);
  processScreen(false).draw([text, 'more']);
  jest.restoreAllMocks();
  const plain = '\u001b[1mserver1\u001b[22m: said  5n \n';
  expect(written).toEqual([plain, plain, `${plain}more\n`]);
});
