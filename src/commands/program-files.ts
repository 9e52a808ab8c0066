/** Files that belong to this program, wherever they are. */
export interface ProgramFiles {
  /** The folder that has them; undefined where the program is one file (docs/how-to/install.md). */
  readonly folder: string | undefined;
  /** The text of one of them: `schema/cluster.schema.json`. */
  text(path: string): string;
  /**
   * The place in the user's own sources that an error with this stack came from; undefined when it came from none.
   *
   * @default - there are none: only a clone has `src/apps`
   */
  readonly ownPlace?: ((stack: string) => SourcePlace | undefined) | undefined;
}

/** Counted from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
