import { shellQuote } from '../model/shell-quote';

/** Parameters of a step as lines that bash reads: sorted, `NAME='value'`. */
export function envFile(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.keys(values)
    .sort()
    .map((name) => `${name}=${shellQuote(String(values[name]))}\n`)
    .join('');
}
