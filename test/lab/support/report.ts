/** A line for people. Figures go here: machines differ too much to assert them. */
export function report(line: string): void {
  process.stderr.write(`    ${line}\n`);
}
