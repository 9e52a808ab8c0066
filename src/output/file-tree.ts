/** Files of one output by their path below its folder (`/` as separator), in memory until all of them are valid. */
export type FileTree = ReadonlyMap<string, string>;

/** What writing a tree does to one file. */
export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
}
