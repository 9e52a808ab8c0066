import { type JsonSchema, jsonSchema } from './json-schema';

const introduction = `# cluster.yaml

Every key of the file. This page is made from the schema (\`npm run generate\`); editors complete keys from
[schema/cluster.schema.json](../../schema/cluster.schema.json) when the first line of the file is

    # yaml-language-server: $schema=./schema/cluster.schema.json

\`k3s-cdk validate\` reports everything that is wrong with a file at once.
`;

/** docs/reference/cluster-yaml.md: a table of keys for every mapping of the file. */
export function reference(): string {
  return [introduction, ...sections('', jsonSchema())].join('\n');
}

function sections(path: string, schema: JsonSchema): string[] {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return variants.flatMap((variant) => sections(path, variant));
  if (schema.items) return sections(`${path}[]`, schema.items);
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return [];
  const rows = properties.map(([key, property]) =>
    row(key, property, schema.required?.includes(key) ?? false),
  );
  const table = ['| key | type | default | meaning |', '|---|---|---|---|', ...rows];
  const heading = [`## ${path ? `\`${path}\`` : 'Top level'}`, '', wrapped(splitDefault(schema)[0]), ''];
  return [
    [...heading, ...table, ''].join('\n'),
    ...properties.flatMap(([key, property]) => sections(path ? `${path}.${key}` : key, property)),
  ];
}

function row(key: string, schema: JsonSchema, required: boolean): string {
  const [meaning, prose] = splitDefault(schema);
  const items = schema.items?.properties ? '' : (schema.items?.description ?? '');
  const value = required ? 'required' : defaultOf(schema, prose);
  const cells = [`\`${key}\``, typeOf(schema), value, `${meaning} ${items}`.trim()];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** With line breaks, as pages have them. */
const wrapped = (text: string) => text.replace(/(.{1,120})(?: |$)/g, '$1\n').trimEnd();

/** The description, and what it says about the default when that is no literal. */
function splitDefault(schema: JsonSchema): [meaning: string, prose?: string] {
  const [meaning = '', prose] = (schema.description ?? '').split(/ ?Default: /);
  return prose === undefined ? [meaning] : [meaning, prose];
}

function defaultOf(schema: JsonSchema, prose: string | undefined): string {
  if (prose !== undefined) return prose.replace(/\.$/, '');
  if (schema.default === undefined) return 'none';
  const text = JSON.stringify(schema.default);
  if (schema.properties) return 'all defaults';
  return text === '{}' || text === '[]' ? 'empty' : `\`${text.replace(/^"(.*)"$/, '$1')}\``;
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'object') {
    const { additionalProperties } = schema;
    return typeof additionalProperties === 'object'
      ? `mapping to ${typeOf(additionalProperties)}`
      : 'mapping';
  }
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
  };
  const types = [schema.type ?? []].flat().map((type) => names[type] ?? type);
  const variants = schema.type ? [] : (schema.anyOf ?? schema.oneOf ?? []);
  return [...new Set([...types, ...variants.map(typeOf)])].join(' or ');
}
