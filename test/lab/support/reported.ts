/** Each host's errors, in a text of many hosts. */
export function expectReported(text: string, errors: Readonly<Record<string, readonly RegExp[]>>): void {
  for (const [host, patterns] of Object.entries(errors)) {
    const own = text.split('\n').filter((line) => line.includes(`error: ${host}: `));
    const missing = patterns.filter((pattern) => !own.some((line) => pattern.test(line)));
    expect({ host, missing, own }).toEqual({ host, missing: [], own });
  }
}

/** What Terraform's errors say about one step. */
export function about(step: string, errors: string): string {
  return (
    errors.split('Error: ').find((error) => error.includes(`.${step},`)) ?? `nothing about ${step}: ${errors}`
  );
}
