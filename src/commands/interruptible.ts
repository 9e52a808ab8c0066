import { exitCodes } from './exit-codes';
import { onInterrupt } from './on-interrupt';

/**
 * Runs a command that Ctrl-C and the like end, with everything that it has started. Returns its exit code.
 *
 * @param command gets the signal that is aborted then, and its reason as the error of what it waits for
 */
export async function interruptible(command: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const interrupted = new AbortController();
  const forget = onInterrupt(() => interrupted.abort());
  try {
    return await command(interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    forget();
  }
}
