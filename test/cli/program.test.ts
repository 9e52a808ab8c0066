import { commandLineProblem, idleProgram, withSubcommands } from '../support/command-line';

// Loading any of these costs more than node itself.
for (const heavy of ['zod', 'yaml', 'cdktf', 'cdk8s', '@peculiar/x509'])
  jest.mock(heavy, () => {
    throw new Error(`${heavy} is loaded at the start`);
  });

const commands = idleProgram().commands.map((command) => command.name());

/** What `k3s-cdk WORDS --help` prints. */
function help(...words: string[]): string {
  let text = '';
  const program = idleProgram();
  for (const command of withSubcommands(program))
    command.configureOutput({
      writeOut: (part) => {
        text += part;
      },
    });
  expect(() => program.parse([...words, '--help'], { from: 'user' })).toThrow('(outputHelp)');
  return text;
}

/** Words of the example lines of a help text. */
function examplesOf(text: string): string[][] {
  const whole = text.replaceAll(/ \\\n */g, ' ');
  return [...whole.matchAll(/^ {2}k3s-cdk (.*?)(?: {2,}.*)?$/gm)].map(([, words = '']) => words.split(' '));
}

test.each(commands)('the help of %s teaches by examples that work', (name) => {
  const examples = examplesOf(help(name));
  expect(examples.length).toBeGreaterThan(0);
  for (const words of examples) expect([words[0], commandLineProblem(words)]).toEqual([name, undefined]);
});

test('the help of the program names every command and where to start', () => {
  const text = help();
  for (const name of commands) expect(text).toMatch(new RegExp(`^  ${name} `, 'm'));
  for (const words of examplesOf(text)) expect(commandLineProblem(words)).toBeUndefined();
});

test('no help line is wider than a terminal of 80 columns', () => {
  const lines = [[], ...commands.map((name) => [name])].flatMap((words) => help(...words).split('\n'));
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
