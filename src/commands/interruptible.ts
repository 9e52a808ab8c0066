import { exitCodes } from './exit-codes';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command that Ctrl-C and the like end, with everything that it has started. Returns its exit code.
 *
 * @param command gets the signal that is aborted then, and its reason as the error of what it waits for
 */
export async function interruptible(command: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await command(interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
