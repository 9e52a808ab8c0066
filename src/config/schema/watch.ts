import * as z from 'zod';

export const watch = z
  .strictObject({
    calls: z
      .array(z.enum(['heartbeat', 'problems']))
      .min(1)
      .default(['heartbeat', 'problems'])
      .describe(
        'Whom hosts call. `heartbeat`: the address in `secrets/watch-heartbeat`, called by servers as long as the API answers, for a service that alerts you when it has not been called. `problems`: the one in `secrets/watch-problems`, called by every host with what `status` would say of it, once and then daily, and when it is over.',
      ),
    every: z
      .string()
      .regex(/^([1-9]|[1-5]\d|60)m$/, {
        error: (issue) => `'${issue.input}' is not a number of minutes from 1 to 60: write it like 5m`,
      })
      .default('5m')
      .describe('How often each host looks after itself.'),
  })
  .describe('Has hosts look after themselves and call somebody. Default: they call nobody.');
