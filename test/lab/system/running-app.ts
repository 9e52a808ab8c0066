import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandOptions } from '../command';
import { waitFor } from '../wait';
import { agent, type RunningSystem, server } from './running-system';

const minutes = 60_000;
/** What its pods have. */
export const ofExample = '-l app.kubernetes.io/name=example';

/** The example app, as somebody in the network sees it. */
export class RunningApp {
  /** Address that MetalLB has given to it. */
  address = '';

  constructor(private readonly system: RunningSystem) {}

  /** Waits until the two replicas of the app are ready on these nodes, and no other pod of it is left. */
  async replicasRunOn(...on: readonly string[]): Promise<void> {
    let last = '';
    await waitFor(
      `the replicas are ready on ${on.join(' and ')}`,
      async () => {
        last = await this.kubectl(`get pods ${ofExample} --no-headers -o wide`, { allowFailure: true });
        const pods = last.split('\n').filter(Boolean);
        const ready = pods.filter((line) => / 1\/1 +Running /.test(line));
        const nodesOf = ready.map((line) => [agent, server].find((node) => line.includes(` ${node} `)));
        return pods.length === on.length && nodesOf.sort().join() === [...on].sort().join();
      },
      { timeout: 10 * minutes, interval: 2000, explain: () => last },
    );
  }

  /** `kubectl …` in the namespace of the example app. */
  kubectl(line: string, options?: CommandOptions): Promise<string> {
    return this.system.kubectl(['-n', 'example', ...line.split(' ')], options);
  }

  /** Waits until the app answers with a text, `times` times in a row. */
  async served(text: string, timeout: number, times = 1): Promise<void> {
    let [row, last] = [0, ''];
    await waitFor(
      `the app is served at ${this.address}`,
      async () => {
        const body = await this.system.get(this.address);
        last = body ?? 'nothing answers';
        row = body === `${text}\n` ? row + 1 : 0;
        return row >= times;
      },
      { timeout, interval: 200, explain: () => last },
    );
  }

  /** Asks for the app again and again while something goes on; returns the longest time without an answer, in seconds. */
  async longestSilence(during: () => Promise<void>): Promise<number> {
    let [longest, lastAnswer, isOver] = [0, performance.now(), false];
    const ask = async () => {
      while (!isOver) {
        const body = await this.system.get(this.address);
        const now = performance.now();
        longest = Math.max(longest, now - lastAnswer);
        if (body !== undefined) lastAnswer = now;
        await sleep(500);
      }
    };
    const asking = ask();
    try {
      await during();
    } finally {
      isOver = true;
      await asking;
    }
    return longest / 1000;
  }
}
