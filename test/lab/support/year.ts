import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../wait';
import { ApiWatch } from './api-watch';
import { Calls } from './calls';
import { type DatabaseTrial, soon } from './database-trial';
import { report } from './report';
import { problemsOf, whenWell } from './status';

/** Something that happens to a cluster. */
export interface YearEvent {
  /** In words: the cause of what clients notice. */
  readonly what: string;
  /** Does it. Returns what is wrong then, as `server1 host-unreachable`; nothing if it is all over. */
  readonly happen: () => Promise<readonly string[]>;
  /** Makes it good again, where that takes somebody. */
  readonly mend?: () => Promise<unknown>;
  /** Whether clients must notice nothing of it: that the API is gone for seconds, or writes are. @default false */
  readonly unnoticed?: true;
  /** Whether hosts call about it: not about what is due in weeks, nor what none of them can see. @default true */
  readonly called?: false;
}

/** Milliseconds that nobody calls an outage on a machine that is busy with a whole lab. */
const noticed = 5000;

interface Row {
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
  /** Longest times in milliseconds without an answer of the API, and without an acknowledged write. */
  readonly api: number;
  readonly writes: number;
  /** What `status` told meanwhile. */
  readonly told: readonly string[];
}

/** A year of a cluster under a client that writes and one that asks the API at its virtual IP. */
export class Year {
  readonly rows: Row[] = [];
  readonly calls: Calls;
  private watch: ApiWatch | undefined;
  private began = 0;

  constructor(
    private readonly trial: DatabaseTrial,
    operator: string,
  ) {
    this.calls = new Calls(trial.cluster, operator);
  }

  /** All is well, and clients begin. */
  async begin(): Promise<void> {
    const { cluster } = this.trial;
    this.watch = new ApiWatch(cluster.lab, cluster.vip);
    await this.well();
    await this.calls.look();
    this.began = Date.now();
  }

  async live({ what, happen, mend, unnoticed, called }: YearEvent): Promise<void> {
    const [since, isCalled] = [Date.now(), called !== false];
    const wrong = await happen();
    let told: string[] = [];
    if (wrong.length > 0) {
      await waitFor(
        `status tells ${wrong.join(', ')}`,
        async () => {
          told = await problemsOf(this.trial.cluster);
          return wrong.every((problem) => told.includes(problem));
        },
        { timeout: soon, interval: 1000, explain: () => told.join('\n') },
      );
      const { problems } = await this.calls.look();
      expect({ what, called: problems.some((line) => !line.startsWith('gone: ')) }).toEqual({
        what,
        called: isCalled,
      });
    }
    await mend?.();
    await this.well();
    const reported = wrong.length > 0 && isCalled;
    const after = await this.calls.look();
    expect({ what, gone: after.problems.some((line) => line.startsWith('gone: ')) }).toEqual({
      what,
      gone: reported,
    });
    // Those who were called know that it is over, and hear no more.
    const quiet = reported ? await this.calls.look() : after;
    expect({ what, problems: quiet.problems }).toEqual({ what, problems: [] });
    expect(quiet.heartbeats).toBeGreaterThan(0);
    const { writer } = this.trial;
    expect({ what, lost: await writer.lost() }).toEqual({ what, lost: [] });
    const api = this.watch?.longestOutage(since) ?? 0;
    const writes = writer.outage(since);
    this.rows.push({ what, since, until: Date.now(), api, writes, told: [...new Set(told)] });
    if (unnoticed)
      expect({ what, api, writes, long: Math.max(api, writes) > noticed }).toMatchObject({ long: false });
  }

  /** Clients are served, the databases have all copies, and `status` says nothing. */
  private async well(): Promise<void> {
    const { writer, databases, cluster } = this.trial;
    await databases.whole(300_000);
    await this.watch?.steady(1000, soon);
    await waitFor('writes are acknowledged', () => writer.last > Date.now() - 1000, { timeout: soon });
    await whenWell(cluster, 240_000);
    await sleep(1000);
  }

  /** The table. Returns times in seconds of the year at which the API did not answer, and nothing had happened. */
  finish(): number[] {
    this.watch?.stop();
    this.calls.stop();
    report('from s  for s  API ms  writes ms  what happened; what status told meanwhile');
    const seconds = (ms: number) => (ms / 1000).toFixed(0);
    for (const { what, since, until, api, writes, told } of this.rows) {
      const figures = [seconds(since - this.began), seconds(until - since), String(api), String(writes)];
      const columns = figures.map((figure, index) => figure.padStart([6, 6, 7, 10][index] ?? 0));
      report(`${columns.join(' ')}  ${[what, ...told].join('; ')}`);
    }
    return (this.watch?.outages(this.began) ?? [])
      .filter(
        ({ began, ms }) =>
          ms > 1000 && !this.rows.some((row) => row.since <= began + ms && began <= row.until),
      )
      .map(({ began }) => (began - this.began) / 1000);
  }
}
