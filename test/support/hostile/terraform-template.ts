/** A string of Terraform's JSON: texts as they come out, and expressions between them. */
export type Template = readonly (string | Expression)[];

/** Code as it is, and the texts in quotes in it. */
export interface Expression {
  readonly code: readonly (string | { readonly quoted: Template })[];
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/** Reads a template as Terraform does (hclsyntax); programs tests compare with the real one. */
export function parseTemplate(text: string): Template {
  return new Reader(text).template('');
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  /** @param end a quotation mark, or nothing for the whole text */
  template(end: '"' | ''): Template {
    const parts: (string | Expression)[] = [];
    let literal = '';
    while (this.at < this.text.length) {
      if (end !== '' && this.take(end)) return [...parts, ...(literal ? [literal] : [])];
      if (this.take('$${')) literal += '${';
      else if (this.take('%%{')) literal += '%{';
      else if (this.take('%{')) throw new Error(`a directive in ${JSON.stringify(this.text)}`);
      else if (this.take('${')) {
        if (literal) parts.push(literal);
        literal = '';
        parts.push(this.expression());
      } else if (end !== '' && this.take('\\')) literal += this.escape();
      else literal += this.text[this.at++];
    }
    if (end !== '') throw new Error(`no end of a string in ${JSON.stringify(this.text)}`);
    return [...parts, ...(literal ? [literal] : [])];
  }

  private expression(): Expression {
    const code: (string | { quoted: Template })[] = [];
    let plain = '';
    let open = 0;
    while (this.at < this.text.length) {
      if (this.take('"')) {
        if (plain) code.push(plain);
        plain = '';
        code.push({ quoted: this.template('"') });
        continue;
      }
      const sign = this.text[this.at++] ?? '';
      if (sign === '}' && open === 0) return { code: [...code, ...(plain ? [plain] : [])] };
      open += sign === '{' ? 1 : sign === '}' ? -1 : 0;
      plain += sign;
    }
    throw new Error(`no end of an expression in ${JSON.stringify(this.text)}`);
  }

  private escape(): string {
    const sign = this.text[this.at++] ?? '';
    const digits = { u: 4, U: 8 }[sign];
    if (digits === undefined) {
      const meant = escapes[sign];
      if (meant === undefined) throw new Error(`'\\${sign}' in ${JSON.stringify(this.text)}`);
      return meant;
    }
    const code = this.text.slice(this.at, this.at + digits);
    this.at += digits;
    return String.fromCodePoint(Number.parseInt(code, 16));
  }

  private take(sign: string): boolean {
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }
}

/** What expressions refer to. */
export interface Scope {
  /** The stack's locals, templates or maps of them. */
  readonly locals: Readonly<Record<string, unknown>>;
  /** What other references are: `var.leave_data`, `timestamp()`. What it knows wins over locals. */
  readonly value: (reference: string) => string | undefined;
  /** Text of a file below the module. */
  readonly file: (path: string) => string;
}

/** What a template is when a step starts. Knows what commands of steps use, and no more. */
export function evaluate(template: Template, scope: Scope): string {
  return template.map((part) => (typeof part === 'string' ? part : valueIn(part, scope))).join('');
}

function valueIn({ code }: Expression, scope: Scope): string {
  const [first = '', ...rest] = code;
  const names = typeof first === 'string' ? first : '';
  const quoted = rest.flatMap((part) => (typeof part === 'string' ? [] : [evaluate(part.quoted, scope)]));
  if (names === 'path.module') return '.';
  if (names === 'file(') return scope.file(quoted[0] ?? '');
  const replaced = /^replace\((.*), $/.exec(names)?.[1];
  if (replaced !== undefined) {
    // Between slashes it is a regular expression.
    const pattern = /^\/(.*)\/$/s.exec(quoted[0] ?? '')?.[1];
    if (pattern === undefined) throw new Error(`no regular expression in ${names}`);
    return referred(replaced, scope).replace(new RegExp(pattern, 'gu'), () => quoted[1] ?? '');
  }
  const member = /^local\.(\w+)\[$/.exec(names)?.[1];
  if (member !== undefined) {
    const map = scope.locals[member] as Readonly<Record<string, string>> | undefined;
    return evaluate(parseTemplate(map?.[quoted[0] ?? ''] ?? missing(names)), scope);
  }
  return referred(names, scope);
}

function referred(name: string, { locals, value }: Scope): string {
  const own = /^local\.(\w+)$/.exec(name)?.[1];
  const local = own === undefined ? undefined : locals[own];
  const scope = { locals, value, file: () => missing(name) };
  return value(name) ?? (typeof local === 'string' ? evaluate(parseTemplate(local), scope) : missing(name));
}

function missing(name: string): never {
  throw new Error(`there is no value for '${name}'`);
}
