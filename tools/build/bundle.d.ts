/** The bundle of src/main.ts, its source map, and the files it was made from, relative to `root`. */
export function bundle(
  root: string,
  instead?: Record<string, string>,
): Promise<{ text: string; map: string; inputs: string[] }>;
