/** Milliseconds of processor time that some work takes here: a busy machine makes it wait, not work longer. */
export function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
