import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { k3sVersion } from '../../src/config/pinned-releases';
import { realK3s } from '../lab/k3s-binary';

/** k3s's own port: every server has a network of its own. */
const server = 'https://127.0.0.1:6443';

/**
 * A node address that leads nowhere, which k3s wants, and k3s as a server without kubelet, with a datastore in a file. It
 * leaves a link in /etc wherever its kubeconfig is: what it sees there is a copy of its own.
 */
const start = `set -eu
mkdir -p "$2/etc" "$2/work"
mount -t overlay etc -o "lowerdir=/etc,upperdir=$2/etc,workdir=$2/work" /etc
ip link set lo up
ip link add name node0 type veth peer name node1
ip address add 10.99.0.1/24 dev node0
ip link set node0 up
ip link set node1 up
ip route add default via 10.99.0.254
until [ -e "$2/begin" ]; do sleep 0.1; done
exec "$1" server --write-kubeconfig "$2/kubeconfig" --disable-agent \
  --disable=traefik,servicelb,local-storage,metrics-server,coredns`;

const isolated = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why no API server can run here; undefined where one can. */
export function whyNoApiServer(): string | undefined {
  if (realK3s() === undefined) return 'no k3s: set K3S_BIN to its binary, or put it at ~/.cache/k3s-cdk/k3s';
  const made = spawnSync('unshare', [...isolated, 'sh', '-c', 'ip link add name node0 type veth']);
  if (made.status !== 0) return 'it takes root, and a kernel with network namespaces and veth';
  return undefined;
}

/** `v1.34.2+k3s1` of the k3s that is here. */
export function apiServerVersion(): string {
  const { stdout } = spawnSync(realK3s() ?? 'k3s', ['--version'], { encoding: 'utf8' });
  return /v[\d.]+\+k3s\d+/.exec(stdout ?? '')?.[0] ?? k3sVersion;
}

export interface KubectlResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The API server of a real k3s that has just begun, without nodes, in a network of its own. */
export class ApiServer {
  private readonly folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-api-server-'));
  private readonly process: ChildProcess;
  private readonly k3s = realK3s() ?? 'k3s';
  /** Also where k3s unpacks itself, for every command of it. */
  readonly data = join(this.folder, 'data');

  /**
   * @param definitions what the host steps give to k3s, which installs it at its start
   * @param settings files of its `/etc/rancher/k3s`, where `$DATA` is its folder for data
   * @param held whether k3s waits until `begin`, for what has to be in its network before it
   */
  constructor(definitions: string, settings: Readonly<Record<string, string>> = {}, held = false) {
    const etc = join(this.folder, 'etc', 'rancher', 'k3s');
    mkdirSync(etc, { recursive: true });
    for (const [name, text] of Object.entries(settings)) {
      mkdirSync(dirname(join(etc, name)), { recursive: true });
      writeFileSync(join(etc, name), text.replaceAll('$DATA', this.data), { mode: 0o600 });
    }
    mkdirSync(join(this.data, 'server', 'manifests'), { recursive: true });
    this.giveDefinitions(definitions);
    if (!held) this.begin();
    const log = openSync(join(this.folder, 'log'), 'w');
    this.process = spawn('unshare', [...isolated, 'bash', '-c', start, '-', this.k3s, this.folder], {
      stdio: ['ignore', log, log],
      env: { ...process.env, K3S_DATA_DIR: this.data },
    });
    closeSync(log);
  }

  /** Lets a k3s that is held start. */
  begin(): void {
    writeFileSync(join(this.folder, 'begin'), '');
  }

  /** Writes the file that the host steps give to k3s, which looks for changes every few seconds. */
  giveDefinitions(definitions: string): void {
    writeFileSync(join(this.data, 'server', 'manifests', 'k3s-cdk-crds.yaml'), definitions);
  }

  /** Waits until the API is ready and has the kinds of k3s. */
  async ready(): Promise<void> {
    const deadline = Date.now() + 240_000;
    const established = ['wait', '--for=condition=Established', '--timeout=5s'];
    const kinds = ['helmcharts', 'helmchartconfigs'].map((kind) => `crd/${kind}.helm.cattle.io`);
    while (this.kubectl(...established, ...kinds).status !== 0) {
      if (this.process.exitCode !== null || Date.now() > deadline)
        throw new Error(`k3s does not start: ${readFileSync(join(this.folder, 'log'), 'utf8').slice(-3000)}`);
      await new Promise((done) => setTimeout(done, 500));
    }
  }

  /** kubectl of this k3s, in its network. */
  kubectl(...args: string[]): KubectlResult {
    const namespace = `--net=${this.network}`;
    const kubeconfig = join(this.folder, 'kubeconfig');
    return spawnSync('nsenter', [namespace, this.k3s, 'kubectl', '--server', server, ...args], {
      encoding: 'utf8',
      timeout: 200_000,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, KUBECONFIG: kubeconfig, KUBECTL_APPLYSET: 'true', K3S_DATA_DIR: this.data },
    });
  }

  /** The file of its network. */
  get network(): string {
    return `/proc/${this.process.pid}/ns/net`;
  }

  /** Where it is, in its network. */
  readonly server = server;

  /** Runs a script of bash in its network, where `$K3S` is k3s. */
  bash(script: string) {
    return spawn('nsenter', [`--net=${this.network}`, 'bash', '-c', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, K3S: this.k3s, K3S_DATA_DIR: this.data },
    });
  }

  /** As `kubectl`, which must succeed. */
  do(...args: string[]): string {
    const { status, stdout, stderr } = this.kubectl(...args);
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = new Promise((done) => this.process.once('exit', done));
      // The first process of its name space, which takes all others along. k3s does not end with `unshare`.
      const { pid } = this.process;
      const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
      process.kill(Number(first) || Number(pid), 'SIGKILL');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20 });
  }
}
