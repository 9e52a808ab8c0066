import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { parseAllDocuments } from 'yaml';

// Readers of the configuration files that steps write, each by the rules of its program.

/** What a file says, as texts in lists and maps. */
export type Read = string | number | boolean | null | readonly Read[] | { readonly [key: string]: Read };

/** YAML, as readers of 1.1 (k3s, Kubernetes) and of 1.2 have it. */
export function yaml(text: string): Read {
  const documents = loadAll(text, { schema: YAML11_SCHEMA }) as Read[];
  const newer = parseAllDocuments(text, { version: '1.2', merge: false }).map((document) => document.toJS());
  return [documents, JSON.stringify(documents) === JSON.stringify(newer) ? 'the same in YAML 1.2' : newer];
}

export function json(text: string): Read {
  return JSON.parse(text);
}

/** Lines of words between blanks, without any quoting. */
export function words(text: string): Read {
  return text.split('\n').map((line) => line.split(/[ \t]+/).filter((word) => word !== ''));
}

/** A unit of systemd, or of podman's generator, whose keys are its own (systemd.syntax(7), podman-systemd.unit(5)). */
export function unit(text: string): Read {
  let section = '';
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .flatMap((line): Read[] => {
      if (/^\s*([#;]|$)/.test(line)) return [];
      section = /^\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
      const [, key, value] = /^([^=[]+)=(.*)$/.exec(line) ?? [];
      if (key === undefined || value === undefined) return [['section', section]];
      const name = key.trim();
      const parts = ['Volume', 'Tmpfs'].includes(name) ? value.split(':') : [value];
      const quotes = ['Environment', 'ExecStart', 'Exec', 'PodmanArgs'].includes(name);
      return [[section, name, parts.map((part) => (quotes ? unitWords(part) : specifiers(part.trim())))]];
    });
}

/** `%h` stands for something, `%%` for a percent sign. */
function specifiers(text: string): Read {
  return text
    .split(/(%.?)/)
    .map((part, index) => (index % 2 === 0 ? part : part === '%%' ? '%' : { specifier: part }));
}

function unitWords(text: string): Read {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|[^\s"'\\])+/g)].map(([word]) =>
    specifiers(
      word.replace(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g, (_, double, single) => double ?? single),
    ),
  );
}

/** A file for `EnvironmentFile=` (systemd.exec(5)). */
export function environmentFile(text: string): Read {
  return text.split('\n').flatMap((line): Read[] => {
    if (/^\s*([#;]|$)/.test(line)) return [];
    const [, name = '', value = ''] = /^([^=]*)=\s*(.*)$/.exec(line) ?? [];
    return [[name.trim(), environmentValue(value.trimEnd())]];
  });
}

function environmentValue(text: string): string {
  return text.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
    double === undefined ? (single ?? escaped) : double.replace(/\\(["\\`$])/g, '$1'),
  );
}

/** haproxy's and keepalived's: words, of which quotes and backslashes make one, up to a comment. */
export function directives(comments: string) {
  const word = new RegExp(
    `(?:"(?:[^"\\\\]|\\\\.)*"|'[^']*'|\\\\.|[^\\s"'\\\\${comments}])+|[${comments}].*`,
    'g',
  );
  return (text: string): Read =>
    text
      .split('\n')
      .map((line) =>
        [...line.matchAll(word)].flatMap(([found]) =>
          comments.includes(found[0] ?? '')
            ? []
            : [
                found.replace(
                  /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
                  (_, double, single, escaped) => double ?? single ?? escaped,
                ),
              ],
        ),
      );
}

/** exports(5): a path, and for each client its options. */
export function exportsFile(text: string): Read {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^\s*[^#\s]/.test(line))
    .map((line) => {
      const [, quoted, plain, clients = ''] = /^\s*(?:"([^"]*)"|(\S+))\s*(.*)$/.exec(line) ?? [];
      const path = (quoted ?? plain ?? '').replace(/\\([0-7]{3})/g, (_, code) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      );
      return [
        path,
        ...clients
          .split(/\s+/)
          .filter(Boolean)
          .map((client) => client.split(/[(),]/)),
      ];
    });
}

/** postgresql.conf, by its lexer (guc-file.l): a setting a line, the last one counts. */
export function postgresConf(text: string): Read {
  const settings: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, quoted, plain] =
      /^\s*([A-Za-z_][\w.$]*)\s*=?\s*(?:'((?:[^'\\\n]|\\.|'')*)'|([\w.:/-]+))\s*(?:#.*)?$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`Postgres does not read ${JSON.stringify(line)}`);
    settings[name] = plain ?? unescaped(quoted ?? '');
  }
  return settings;
}

const postgresEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
  return text.replace(/''|\\([0-7]{1,3}|.)/g, (whole, escaped) => {
    if (whole === "''") return "'";
    if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 255);
    return postgresEscapes[escaped] ?? escaped;
  });
}
