import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestCluster } from './test-cluster';

const port = 4711;

/** What the hosts of any lab lack: a time server, and servers without a kubelet are no nodes. */
const lacking =
  / is not (synchronized with a time server|among the nodes of the cluster)$|: gone: (clock-alone|node-missing)\b/;

/** Somebody whom hosts call that look after themselves, on the operator's side of a lab. */
export class Calls {
  private readonly calls: { readonly at: number; readonly path: string; readonly body: string }[] = [];
  private readonly child: ChildProcess;

  /** @param operator the address there */
  constructor(
    private readonly cluster: TestCluster,
    private readonly operator: string,
  ) {
    const listener = [process.execPath, join(__dirname, 'call-listener.js'), operator, String(port)];
    this.child = spawn('ip', ['netns', 'exec', cluster.lab.namespace, ...listener], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.calls.push(JSON.parse(line));
    });
  }

  /** Writes the addresses where `watch` of cluster.yaml looks for them. */
  writeAddresses(): void {
    mkdirSync(this.cluster.project.path('secrets'), { recursive: true, mode: 0o700 });
    for (const call of ['heartbeat', 'problems'])
      writeFileSync(
        this.cluster.project.path(`secrets/watch-${call}`),
        `http://${this.operator}:${port}/${call}\n`,
        { mode: 0o600 },
      );
  }

  /**
   * Every host that is on looks after itself twice, as its timer would; returns what was called meanwhile: heartbeats, and
   * each problem that is there or gone, with who says so: `server1: gone: drift k3s`.
   */
  async look(): Promise<{ readonly heartbeats: number; readonly problems: readonly string[] }> {
    const { cluster } = this;
    const since = Date.now();
    const on = cluster.lab.hosts.filter((host) => host.isRunning() && !cluster.absent.has(host.name));
    const twice = 'for i in 1 2; do systemctl start k3s-cdk-watch.service || true; done';
    await Promise.all(on.map((host) => host.exec(twice, { allowFailure: true })));
    const made = this.calls.filter(({ at }) => at >= since);
    return {
      heartbeats: made.filter(({ path }) => path === '/heartbeat').length,
      problems: made
        .flatMap(({ path, body }) => (path === '/problems' ? linesOf(body) : []))
        .filter((line) => !lacking.test(line)),
    };
  }

  stop(): void {
    this.child.kill();
  }
}

/** Problems of a call, each with the host that has made it. */
function linesOf(body: string): string[] {
  const [, host = 'nobody'] = /, reported by (\S+)$/m.exec(body) ?? [];
  const lines = body.split('\n').filter((line) => /^(error|warning|gone): /.test(line));
  return lines.map((line) => `${host}: ${line.trimEnd()}`);
}
