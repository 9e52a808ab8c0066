import { effectText } from '../../review/change-effects';
import { objectLine } from '../deploy/plan-lines';
import { type Diff, fieldLines, unseen } from './diff-lines';

/** A comment of GitHub has at most 65,536 characters, and GitLab's more. */
const mostCharacters = 60_000;

/**
 * For a comment in a pull request. What comes from cluster.yaml, which somebody may have written who must not, stands in
 * blocks and words that it cannot end.
 */
export function diffMarkdown(diff: Diff, from: string): string {
  const { name, entries, objects, care } = diff;
  const hosts = [
    ...entries.flatMap(({ title, reasons, effects, files }) => [
      item(title, [...reasons, ...effects.map(effectText)]),
      ...block(files),
    ]),
    ...unseen(diff),
  ];
  const cluster = objects.flatMap((object) => [
    item(objectLine(object).replace(/ +/, ' ')),
    ...block(fieldLines(object)),
  ]);
  const parts = [
    `### What this does to ${code(name)}\n\nCompared with ${code(from)}, by \`k3s-cdk diff\`.`,
    ...(care.length > 0 ? ['**Needs care**', care.map((line) => item(line)).join('\n')] : []),
    '**Hosts**',
    ...(hosts.length > 0 ? hosts : ['Nothing changes.']),
    '**Cluster**',
    ...(cluster.length > 0 ? cluster : ['Nothing changes.']),
  ];
  let text = '';
  for (const part of parts) {
    if (text.length + part.length > mostCharacters)
      return `${text}\nThere is more, which has no room here: run \`k3s-cdk diff\`.\n`;
    text += `${text === '' ? '' : '\n\n'}${part}`;
  }
  return `${text}\n`;
}

function item(title: string, below: readonly string[] = []): string {
  return [`- ${plain(title)}`, ...below.map((line) => `  - ${plain(line)}`)].join('\n');
}

/** Lines as they are. Their fence is longer than any in them. */
function block(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const shown = lines.map((line) => `  ${line.replace(/^ {2}(?=[-+…])/, '')}`);
  return [[`  ${fence}diff`, ...shown, `  ${fence}`].join('\n')];
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

/** Without what Markdown, HTML and mentions are made of. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&').replaceAll('@', '@\u200b');
}
