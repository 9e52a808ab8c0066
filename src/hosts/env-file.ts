/** Parameters of a step as lines that bash reads: sorted, `NAME='value'`. */
export function envFile(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.keys(values)
    .sort()
    .map((name) => `${name}=${shellQuote(String(values[name]))}\n`)
    .join('');
}

/** One word for a shell, whatever it holds. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
