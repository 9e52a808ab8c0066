import type { Host } from '../../model/topology';
import type { View } from '../deploy/view';

/** What each of several hosts is doing, as one text. */
export class Progress {
  private readonly doing = new Map<string, string>();

  constructor(private readonly view: Pick<View, 'waitingFor'>) {}

  /** @param work gets what it calls with what the host waits for */
  async of<T>(host: Host, work: (say: (what: string) => void) => Promise<T>): Promise<T> {
    try {
      return await work((what) => {
        this.doing.set(host.name, what);
        this.show();
      });
    } finally {
      this.doing.delete(host.name);
      this.show();
    }
  }

  private show(): void {
    this.view.waitingFor([...this.doing].map(([name, what]) => `${name} (${what})`).join(', '));
  }
}
