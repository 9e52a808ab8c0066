/** Folders of the packages that files below node_modules belong to. */
export function packageFolders(files: readonly string[]): string[];
