import { quote } from '../quote';

/** Neither Terraform nor Node.js knows other users' home folders. */
export function isInForeignHome(path: string): boolean {
  return /^~[^/]/.test(path);
}

export function foreignHomeMessage(path: string): string {
  return `'~' stands for your own home folder alone, and ${quote(path)} is in another: write the whole path, from '/' on`;
}
