/** What Go's `time.ParseDuration` reads: `90s`, `1m30s`, `1.5h`, `0`. */
export const goDurationPattern = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go counts nanoseconds in 63 bits. */
const longest = 2n ** 63n - 1n;

/** Nanoseconds of a Go duration; undefined for other texts, and for more than 292 years. */
export function goDuration(text: string): bigint | undefined {
  if (!goDurationPattern.test(text)) return undefined;
  let sum = 0n;
  for (const [, number = '', unit = ''] of text.replace(/^[+-]/, '').matchAll(/([\d.]+)([a-zµμ]+)/gy)) {
    const [whole = '', fraction = ''] = number.split('.');
    const size = units[unit] ?? 0;
    sum += BigInt(whole || 0) * BigInt(size) + BigInt(Math.trunc(Number(`0.${fraction || 0}`) * size));
    if (sum > longest) return undefined;
  }
  return text.startsWith('-') ? -sum : sum;
}

export const second = 1_000_000_000n;

/** A duration truncated to whole seconds: MetalLB's schema accepts a connect time in no other form. */
export function wholeSeconds(text: string): string {
  const duration = goDuration(text) ?? 0n;
  return (duration / 1_000_000n) % 1000n === 0n ? text : `${duration / second}s`;
}
