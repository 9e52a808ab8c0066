/** The bundle of src/main.ts, and the files it was made from, relative to `root`. */
export function bundle(
  root: string,
  instead?: Record<string, string>,
): Promise<{ text: string; inputs: string[] }>;
