export type StepState = 'waiting' | 'running' | 'done' | 'failed';

export interface BoardStep {
  readonly host: string;
  readonly step: string;
  readonly state: StepState;
  /** Milliseconds: of the run so far, or of all of it. @default - it has not started */
  readonly elapsed?: number;
  /** The last line it has printed. @default - none */
  readonly line?: string;
}

interface Entry {
  readonly host: string;
  readonly step: string;
  state: StepState;
  startedAt?: number;
  endedAt?: number;
  line?: string;
}

/** The progress of every step on every host. Times are milliseconds of any one clock. */
export class StepBoard {
  private readonly entries = new Map<string, Entry>();

  /** @param steps all that will run, hosts and steps in the order to show them in */
  constructor(steps: readonly { readonly host: string; readonly step: string }[]) {
    for (const { host, step } of steps) this.entries.set(`${host} ${step}`, { host, step, state: 'waiting' });
  }

  start(host: string, step: string, now: number): void {
    const entry = this.entry(host, step);
    entry.state = 'running';
    entry.startedAt = now;
  }

  say(host: string, step: string, line: string): void {
    this.entry(host, step).line = line;
  }

  end(host: string, step: string, state: 'done' | 'failed', now: number): void {
    const entry = this.entry(host, step);
    entry.state = state;
    entry.endedAt = now;
  }

  steps(now: number): BoardStep[] {
    return [...this.entries.values()].map((entry) => shown(entry, now));
  }

  step(host: string, step: string, now: number): BoardStep {
    return shown(this.entry(host, step), now);
  }

  /** A step that was not announced is shown from when it starts. */
  private entry(host: string, step: string): Entry {
    const key = `${host} ${step}`;
    const entry = this.entries.get(key) ?? { host, step, state: 'waiting' };
    this.entries.set(key, entry);
    return entry;
  }
}

function shown({ host, step, state, startedAt, endedAt, line }: Entry, now: number): BoardStep {
  return {
    ...{ host, step, state },
    ...(startedAt !== undefined && { elapsed: (endedAt ?? now) - startedAt }),
    ...(line !== undefined && { line }),
  };
}
