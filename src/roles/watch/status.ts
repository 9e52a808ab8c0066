import { type Call, watchOriginals } from '../../model/watch';
import { type Answer, text, word } from '../../status/answer';
import type { RoleStatus } from '../role-status';
import probe from './probe-watch.sh';

export interface WatchStatus {
  /** When it last looked after itself, ISO 8601. */
  readonly run: string;
  /** The last calls that worked, by what was called. */
  readonly called: Readonly<Partial<Record<Call, string>>>;
  /** Calls that do not work: since when, and why. */
  readonly failed: readonly { readonly call: Call; readonly since: string; readonly reason: string }[];
}

const calls = Object.keys(watchOriginals) as Call[];

/** Whom hosts have called. */
export const watchStatus: RoleStatus = {
  probe: { script: probe, calls: ['watch'], inputs: () => ({}) },
  read: (answer) => (answer.first('watch-run') ? { watch: read(answer) } : {}),
  *problems(_, hosts) {
    for (const { name: host, watch } of hosts)
      for (const { call, since, reason } of watch?.failed ?? [])
        yield {
          severity: 'error',
          code: 'call-failed',
          host,
          message: `has not been able to call the address in '${watchOriginals[call]}' since ${since} (${reason}): see 'journalctl -u k3s-cdk-watch' on it`,
        };
  },
  *rows(_, hosts) {
    for (const call of calls) {
      const made = hosts.flatMap(({ name, watch }) => {
        const time = watch?.called[call];
        return time === undefined ? [] : { name, time };
      });
      const [last] = made.sort((a, b) => (a.time > b.time ? -1 : 1));
      if (last) yield ['calls', `${call}: the last one ${last.time}, by ${last.name}`];
    }
    const silent = hosts.filter(({ watch }) => watch && Object.keys(watch.called).length === 0);
    if (silent.length > 0 && silent.length === hosts.filter(({ watch }) => watch).length)
      yield ['calls', 'none yet'];
  },
};

function read(answer: Answer): WatchStatus {
  return {
    run: word(answer.first('watch-run')?.[0], 'a time'),
    called: Object.fromEntries(
      calls.flatMap((call) => {
        const [time] = answer.first(`watch-${call}`) ?? [];
        return time === undefined ? [] : [[call, word(time, 'a time')]];
      }),
    ),
    failed: calls.flatMap((call) => {
      const [since, reason] = answer.first(`watch-${call}-failure`) ?? [];
      return since === undefined ? [] : [{ call, since: word(since, 'a time'), reason: text(reason) }];
    }),
  };
}
