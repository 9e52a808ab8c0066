/** A bash script that runs on hosts, as in the sources. */
export interface Script {
  /** Bytes untouched. */
  readonly text: string;
  /** All libraries that it sources, directly or indirectly, by name: it finds them beside itself. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** How a script sources a library: a line for shellcheck, and one for bash. */
const sourcing = /^# shellcheck source=(\S+\.sh)\n\. "\$\{?here(?::\?)?\}?\/\1"\n/gm;

/**
 * Scripts as one text, for a bash that reads them from standard input, or for a single file on a host: each
 * library is inserted where it is first sourced.
 */
export function oneText(...scripts: readonly Script[]): string {
  const there = new Set<string>();
  return scripts.map(({ text, libraries }) => inlined(text, libraries, there)).join('\n');
}

function inlined(text: string, libraries: Script['libraries'], there: Set<string>): string {
  return text.replace(sourcing, (_, name: string) => {
    if (there.has(name)) return '';
    there.add(name);
    return `${inlined(libraries[name] ?? '', libraries, there)}\n`;
  });
}
