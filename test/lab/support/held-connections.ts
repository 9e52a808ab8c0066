import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestCluster } from './test-cluster';

/** Connections to the API at the virtual IP that clients keep open, counted when they are lost. */
export class HeldConnections {
  private readonly losses: { readonly at: number; readonly number: number }[] = [];
  private readonly child: ChildProcess;

  constructor(
    cluster: TestCluster,
    readonly count: number,
  ) {
    const { lab, vip, port, clientFolder } = cluster;
    const holder = [process.execPath, join(__dirname, 'hold-api.js'), vip, String(port), String(count)];
    this.child = spawn(
      'ip',
      ['netns', 'exec', lab.namespace, ...holder, ...(clientFolder ? [clientFolder] : [])],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.trim().split('\n')) {
        const [at = 0, number = 0] = line.split(' ').map(Number);
        this.losses.push({ at, number });
      }
    });
  }

  /** How often each was lost since a moment, in milliseconds since 1970. */
  lostSince(since: number): number[] {
    return Array.from(
      { length: this.count },
      (_, number) => this.losses.filter((loss) => loss.at >= since && loss.number === number).length,
    );
  }

  stop(): void {
    this.child.kill();
  }
}
