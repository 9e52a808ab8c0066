import type { Span } from './positions';

const names: Readonly<Record<string, readonly [name: string, instead: string]>> = {
  '\u00a0': ['a no-break space', 'a plain space'],
  '\u00ab': ['a quotation mark', "'\"'"],
  '\u00bb': ['a quotation mark', "'\"'"],
  '\u2010': ['a hyphen of typesetting', "'-'"],
  '\u2011': ['a no-break hyphen', "'-'"],
  '\u2012': ['a figure dash', "'-'"],
  '\u2013': ['an en dash', "'-'"],
  '\u2014': ['an em dash', "'-'"],
  '\u2018': ['a curly quote', '"\'"'],
  '\u2019': ['a curly quote', '"\'"'],
  '\u201c': ['a curly quote', "'\"'"],
  '\u201d': ['a curly quote', "'\"'"],
  '\u201e': ['a curly quote', "'\"'"],
  '\u2212': ['a minus sign of typesetting', "'-'"],
  '\uff0c': ['a wide comma', "','"],
  '\uff0f': ['a wide slash', "'/'"],
  '\uff1a': ['a wide colon', "':'"],
};

/** Names the first character of a text that looks like another one on the keyboard. */
export function lookAlike(text: string): string | undefined {
  for (const character of text) {
    const known = names[character] ?? invisible(character);
    if (!known) continue;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const shown = /[\p{P}\p{S}]/u.test(character) ? `'${character}'` : 'a character in it';
    return `${shown} is ${known[0]} (U+${code}): ${known[1] === '' ? 'delete it' : `write ${known[1]}`}`;
  }
  return undefined;
}

function invisible(character: string): (typeof names)[string] | undefined {
  return /[\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff]/.test(character)
    ? ['invisible', '']
    : undefined;
}

/** Placeholders for Jinja, Helm, Terraform, a shell or a person to fill in. */
const template = /\{\{[^{}]{0,80}\}\}|\{%[^%]{0,80}%\}|\$\{[^}]{0,80}\}|^\$\w+$|^<[\w .-]+>$/;

export function placeholder(text: string): string | undefined {
  const [found] = template.exec(text) ?? [];
  return found === undefined
    ? undefined
    : `'${found}' is to be filled in, and nobody does that here: write the value itself`;
}

/** An unquoted template as a value, which YAML takes for a mapping; as offsets in the line. */
export function unquotedTemplate(
  line: string,
): { readonly span: Span; readonly message: string } | undefined {
  const found = /^[^#"']*?[\s:[,-](\{\{[^{}]*\}\}|\{%[^{}]*%\})/.exec(line);
  const text = found?.[1];
  if (!found || text === undefined) return undefined;
  const start = found[0].length - text.length;
  const message = placeholder(text);
  return message === undefined ? undefined : { span: [start, start + text.length], message };
}
