/** Bundles src/index.ts into `outfile`, the packages it uses left outside. */
export function buildLibrary(outfile: string): void;
