/** One line for each object that was not applied. */
const failure = /^(Error from server|error:|The .* is invalid)/;
const unanswered = /failed calling webhook "([^"]+)"/;

/**
 * The webhooks that did not answer, if they are the only reason for the failure of `kubectl apply`; empty if
 * there is another.
 *
 * @param stderr what kubectl complained
 */
export function silentWebhooks(stderr: string): string[] {
  const lines = stderr.split('\n');
  const webhooks = lines.flatMap((line) => unanswered.exec(line)?.[1] ?? []);
  const failures = lines.filter((line) => failure.test(line));
  return failures.length === webhooks.length ? [...new Set(webhooks)] : [];
}
