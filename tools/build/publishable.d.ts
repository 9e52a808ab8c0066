/** What is missing before the package in a folder can be published, a sentence each. */
export function missing(root: string): string[];
