/** One problem in cluster.yaml, with its place. `--format json` prints these. */
export interface Issue {
  readonly severity: 'error' | 'warning';
  /** Stable name of the rule, for editors and scripts: `unknown-key`. */
  readonly code: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units as editors count. */
  readonly column: number;
  /** Length of the run of carets, at least 1; ends at the end of the line at the latest. */
  readonly length: number;
  /** Where it is in the structure: `hosts[0].address`. Empty for the file as a whole. */
  readonly path: string;
  /** Name of the host that it is about, when an entry or group is written for several. */
  readonly host?: string;
  /** One sentence, lower case, quoting the value and saying what to do. */
  readonly message: string;
  /** A hint, in one more sentence: `did you mean 'address'?` */
  readonly hint?: string;
}
