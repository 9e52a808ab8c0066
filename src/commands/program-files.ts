/** Files that belong to this program, wherever they are. */
export interface ProgramFiles {
  /** The folder that has them; undefined where the program is one file (docs/how-to/install.md). */
  readonly folder: string | undefined;
  /** The text of one of them: `schema/cluster.schema.json`. */
  text(path: string): string;
}
