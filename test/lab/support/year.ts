import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../wait';
import { ApiWatch } from './api-watch';
import { Calls } from './calls';
import { type DatabaseTrial, soon } from './database-trial';
import { report } from './report';
import { problemsOf, whenWell } from './status';

/** Something that is wrong for a while. */
export interface Trouble {
  /** What `status` tells then, as `server1 host-unreachable`. */
  readonly told: string;
  /** What is called then, as `server1: error: server1 has …`, and when it is over. @default - nobody calls */
  readonly called?: { readonly says: RegExp; readonly over: RegExp };
}

/** The longest that clients may wait at once, in seconds: for an answer of the API, and for an acknowledged write. */
export interface Limits {
  readonly api: number;
  readonly writes: number;
}

/** What nobody calls an outage on a machine that is busy with a whole lab. */
const unnoticed: Limits = { api: 5, writes: 5 };

/** While nothing happens: ten times what was measured where nothing restarts. */
const undisturbed: Limits = { api: 3, writes: 3 };

/** Milliseconds in which nothing happens, after each event. */
const quiet = 10_000;

/** Something that happens to a cluster. */
export interface YearEvent {
  /** In words: the cause of what clients notice. */
  readonly what: string;
  /** Does it. Returns all that is wrong then; nothing if it is all over. */
  readonly happen: () => Promise<readonly Trouble[]>;
  /** Makes it good again, where that takes somebody. */
  readonly mend?: () => Promise<unknown>;
  /** Some ten times what was measured. @default - clients notice nothing */
  readonly limits?: Limits;
}

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
    await this.nothingHappens('the beginning');
  }

  async live({ what, happen, mend, limits = unnoticed }: YearEvent): Promise<void> {
    const since = Date.now();
    const troubles = await happen();
    const told = troubles.length > 0 ? await this.tells(troubles) : [];
    const called = troubles.flatMap((trouble) => trouble.called ?? []);
    const says = called.map((call) => call.says);
    if (troubles.length > 0) await this.isCalled(what, says);
    await mend?.();
    await this.well();
    await this.isCalled(
      `${what}: over`,
      called.map((call) => call.over),
    );
    // Those who were called know that it is over, and hear no more.
    const heartbeats = await this.isCalled(`${what}: over for a while`, []);
    expect(heartbeats).toBeGreaterThan(0);
    const { writer } = this.trial;
    expect({ what, lost: await writer.lost() }).toEqual({ what, lost: [] });
    const row = { what, since, until: Date.now(), ...this.waits(since), told };
    this.rows.push(row);
    expectWithin(limits, row);
    await this.nothingHappens(what);
  }

  /** Waits until `status` tells exactly that, once what is in between has passed; returns it. */
  private async tells(troubles: readonly Trouble[]): Promise<readonly string[]> {
    const wanted = [...new Set(troubles.map(({ told }) => told))].sort();
    let told: string[] = [];
    await waitFor(
      `status tells ${wanted.join(', ')}, and nothing else`,
      async () => {
        told = [...new Set(await problemsOf(this.trial.cluster))];
        return told.join() === wanted.join();
      },
      { timeout: 2 * soon, interval: 1000, explain: () => told.join('\n') },
    );
    return told;
  }

  /** Hosts look after themselves, and all of this is called, and no other problem. Returns the number of heartbeats. */
  private async isCalled(when: string, wanted: readonly RegExp[]): Promise<number> {
    const { heartbeats, problems } = await this.calls.look();
    const stray = problems.filter((line) => !wanted.some((pattern) => pattern.test(line)));
    const missing = wanted.filter((pattern) => !problems.some((line) => pattern.test(line))).map(String);
    expect({ when, stray, missing }).toEqual({ when, stray: [], missing: [] });
    return heartbeats;
  }

  /** Clients go on for a while with nothing that could be the cause of an outage. */
  private async nothingHappens(after: string): Promise<void> {
    const since = Date.now();
    await sleep(quiet);
    expect(this.watch?.asked(since)).toBeGreaterThan(0);
    expectWithin(undisturbed, { what: `nothing, after: ${after}`, ...this.waits(since) });
  }

  /** The longest waits of clients since a moment, in milliseconds. */
  private waits(since: number): { readonly api: number; readonly writes: number } {
    return { api: this.watch?.longestOutage(since) ?? 0, writes: this.trial.writer.outage(since) };
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

  /** The table. */
  finish(): void {
    this.watch?.stop();
    this.calls.stop();
    report('from s  for s  API ms  writes ms  what happened; what status told meanwhile');
    const seconds = (ms: number) => (ms / 1000).toFixed(0);
    for (const { what, since, until, api, writes, told } of this.rows) {
      const figures = [seconds(since - this.began), seconds(until - since), String(api), String(writes)];
      const columns = figures.map((figure, index) => figure.padStart([6, 6, 7, 10][index] ?? 0));
      report(`${columns.join(' ')}  ${[what, ...told].join('; ')}`);
    }
  }
}

function expectWithin(limits: Limits, { what, api, writes }: Pick<Row, 'what' | 'api' | 'writes'>): void {
  const [most, longer] = [{ api: limits.api * 1000, writes: limits.writes * 1000 }, [] as string[]];
  if (api > most.api) longer.push('api');
  if (writes > most.writes) longer.push('writes');
  expect({ what, api, writes, most, longer }).toEqual({ what, api, writes, most, longer: [] });
}
