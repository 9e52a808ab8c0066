import { setTimeout } from 'node:timers/promises';

const attempts = 6;
const pauseMs = 300;

/** OpenSSH's words for a server that ends a connection before the login. */
export const droppedPattern = /kex_exchange_identification|Exceeded MaxStartups/;

/**
 * Tries again, later each time: sshd drops some connections while more than a few have not logged in yet (MaxStartups,
 * by default from 10 on), and that says nothing about the next one.
 *
 * @param isDropped whether a result is that of a dropped connection; the last result is returned in any case
 */
export async function untilLetIn<T>(
  connect: () => Promise<T>,
  isDropped: (result: T) => boolean,
  signal?: AbortSignal,
): Promise<T> {
  let result = await connect();
  for (let attempt = 1; attempt < attempts && isDropped(result); attempt += 1) {
    await setTimeout(pauseMs * attempt, undefined, { signal });
    result = await connect();
  }
  return result;
}
