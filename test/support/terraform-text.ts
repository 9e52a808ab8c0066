import type { Host } from '../../src/model/topology';
import type { FileTree } from '../../src/output/file-tree';

interface Step {
  readonly triggers?: Record<string, string>;
  readonly triggers_replace?: Record<string, string>;
  readonly connection?: Record<string, unknown>;
  readonly depends_on?: readonly string[];
  readonly provisioner?: readonly Record<string, Record<string, unknown>>[];
}

const heredoc = /^cat >(\S+) <<'(\w+)'\n([\s\S]*)\2$/;

/**
 * What Terraform does, one text per resource: hashes are masked, so are a host's own name and address in its steps.
 *
 * @param contents whether what is written on the host stands there too, as it will stand on the host
 */
export function terraformText(
  tree: FileTree,
  hosts: readonly Host[],
  { contents = false }: { readonly contents?: boolean } = {},
): ReadonlyMap<string, string> {
  const stack = JSON.parse(tree.get('stacks/hosts/cdk.tf.json') ?? '{}', withoutMetadata);
  const { resource, ...rest } = stack;
  const texts = new Map([['stack.json', `${maskHashes(JSON.stringify(rest, null, 2))}\n`]]);
  for (const [type, resources] of Object.entries<Record<string, Step>>(resource ?? {})) {
    for (const [name, step] of Object.entries(resources)) {
      const text = stepText(`${type}.${name}`, step, contents);
      const host = hosts.find((each) => name.startsWith(`${each.name}_`));
      texts.set(`${name}.txt`, host ? maskHost(text, host) : text);
    }
  }
  return texts;
}

function stepText(address: string, step: Step, contents: boolean): string {
  const { triggers, triggers_replace, connection, depends_on, provisioner, ...rest } = step;
  const lines = [`resource ${address}`];
  for (const [key, value] of Object.entries(rest)) lines.push(...attributeLines(key, value));
  for (const before of depends_on ?? []) lines.push(`after ${before}`);
  for (const [key, value] of Object.entries(triggers ?? triggers_replace ?? {}))
    lines.push(`trigger ${key} ${value}`);
  for (const [key, value] of Object.entries(connection ?? {})) lines.push(`connection ${key} ${value}`);
  for (const entry of provisioner ?? []) {
    for (const [kind, settings] of Object.entries(entry))
      lines.push('', ...provisionerText(kind, settings, contents));
  }
  return `${maskHashes(lines.join('\n'))}\n`;
}

/** A line per member: a changed host is a changed line. */
function attributeLines(key: string, value: unknown): string[] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (members.length === 0) return [`${key} ${JSON.stringify(value)}`];
  return members.map(([name, member]) => `${key} ${name} ${JSON.stringify(member)}`);
}

function provisionerText(kind: string, settings: Record<string, unknown>, contents: boolean): string[] {
  const { inline, ...rest } = settings;
  const lines = [
    `${kind}${Object.entries(rest)
      .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
      .join('')}`,
  ];
  for (const command of (inline ?? []) as string[]) {
    const [, path, , content] = heredoc.exec(command) ?? [];
    if (path !== undefined && content !== undefined) {
      const written = contents ? content.trimEnd().split('\n') : [];
      lines.push(`  write ${path}`, ...written.map((line) => `    | ${line}`));
    } else lines.push(`  run ${command}`);
  }
  return lines;
}

/** Steps that do the same on several hosts have the same text. */
function maskHost(text: string, { name, address }: Host): string {
  const word = (value: string, characters: string) =>
    new RegExp(`(?<![${characters}])${value.replaceAll('.', '\\.')}(?![${characters}])`, 'g');
  return text.replace(word(address, '\\w.:'), '<address>').replace(word(name, 'a-zA-Z0-9-'), '<host>');
}

function maskHashes(text: string): string {
  return text.replace(/\b[0-9a-f]{64}\b/g, '<sha256>').replace(/(?<=\.)[0-9a-f]{12}\b/g, '<hash>');
}

function withoutMetadata(key: string, value: unknown): unknown {
  return key === '//' ? undefined : value;
}
