// Lints what people read: the pages, and the messages and comments in src. With arguments, only those files.
//
//   tsx tools/lint-prose.ts [FILE]...
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { TextlintKernel, type TextlintKernelRule, type TextlintRuleModule } from '@textlint/kernel';
import markdown from '@textlint/textlint-plugin-markdown';
import text from '@textlint/textlint-plugin-text';
import { proseOf } from './prose/messages';
import { terms } from './prose/terms';

const lineWidth = 120;

/** Of the rule's own list: programs that are called by what people type, and the genitive of API. */
const notOurs = ['HAProxy', 'Bash', 'Zsh', 'Git', "API['’]?s"];

/** Lines of paragraphs and lists: tables, code and headings cannot be broken. */
const lineLength: TextlintRuleModule = ({ Syntax, getSource, locator, report, RuleError }) => ({
  [Syntax.Paragraph](node) {
    if (node.parent?.type === Syntax.TableCell) return;
    let start = 0;
    for (const line of getSource(node).split('\n')) {
      const column = start === 0 ? node.loc.start.column : 0;
      // An address cannot be broken, wherever the line ends.
      const length = column + line.replace(/\]\([^)]*\)/g, ']').length;
      if (length > lineWidth)
        report(
          node,
          new RuleError(`line of ${length} characters, at most ${lineWidth} are allowed`, {
            padding: locator.at(start),
          }),
        );
      start += line.length + 1;
    }
  },
});

const files = (folder: string, ...extensions: string[]): string[] =>
  readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((name) => extensions.includes(extname(name)))
    .map((name) => join(folder, name))
    .sort();

async function lint(paths: readonly string[]): Promise<string[]> {
  const kernel = new TextlintKernel();
  // An ES module, which the compiler would turn into a `require`.
  const { default: terminology } = await import('textlint-rule-terminology');
  const wording = (isPage: boolean): TextlintKernelRule => ({
    ruleId: 'wording',
    rule: terminology,
    // In messages, names stand as they are typed.
    options: { terms, defaultTerms: isPage, exclude: notOurs },
  });
  const findings = await Promise.all(
    paths.map(async (path) => {
      const source = readFileSync(path, 'utf8');
      const isPage = extname(path) === '.md';
      const { messages } = await kernel.lintText(isPage ? source : proseOf(path, source), {
        filePath: path,
        ext: isPage ? '.md' : '.txt',
        plugins: [
          { pluginId: 'markdown', plugin: markdown },
          { pluginId: 'text', plugin: text },
        ],
        rules: isPage ? [wording(true), { ruleId: 'line-length', rule: lineLength }] : [wording(false)],
      });
      return messages.map(({ loc, message }) => `${path}:${loc.start.line}:${loc.start.column}: ${message}`);
    }),
  );
  return findings.flat();
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const findings = await lint(
    given.length > 0
      ? given
      : [
          'README.md',
          'CONTRIBUTING.md',
          'SECURITY.md',
          ...files('docs', '.md'),
          ...files('src', '.ts', '.sh', '.py'),
        ],
  );
  for (const finding of findings) console.error(finding);
  if (findings.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
