import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { turnsManifest } from '../../src/roles/k3s/files/turns-manifest';
import library from '../../src/roles/k3s/lib-turns.sh';
import { ApiServer, whyNoApiServer } from '../support/api-server';
import { testWhen } from '../support/needs';
import { scratchFolders } from '../support/scratch';

const reason = whyNoApiServer();
const testOnApi = testWhen(reason === undefined, `turns are tried with a stub only: ${reason}`);
const folder = scratchFolders()();

let api: ApiServer;
beforeAll(async () => {
  if (reason !== undefined) return;
  api = new ApiServer(turnsManifest);
  await api.ready();
  api.do('wait', '--for=create', '--timeout=120s', 'rolebinding/k3s-cdk-turns', '-n', 'kube-system');
}, 300_000);
afterAll(async () => {
  if (reason === undefined) await api.stop();
});

/** kubectl as the kubelet of a node, with a certificate as k3s would issue it. */
function kubectlOf(node: string): string {
  const file = (end: string) => join(folder, `${node}.${end}`);
  const tls = join(api.data, 'server', 'tls');
  const subject = `/O=system:nodes/CN=system:node:${node}`;
  const openssl = (text: string) => execFileSync('openssl', text.split(' '), { stdio: 'pipe' });
  openssl(`ecparam -name prime256v1 -genkey -noout -out ${file('key')}`);
  openssl(`req -new -key ${file('key')} -subj ${subject} -out ${file('csr')}`);
  openssl(
    `x509 -req -in ${file('csr')} -CA ${tls}/client-ca.crt -CAkey ${tls}/client-ca.key -days 1 -out ${file('crt')}`,
  );
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'a', cluster: { server: api.server, 'certificate-authority': `${tls}/server-ca.crt` } },
    ],
    users: [{ name: 'a', user: { 'client-certificate': file('crt'), 'client-key': file('key') } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    'current-context': 'a',
  };
  writeFileSync(file('kubeconfig'), JSON.stringify(kubeconfig));
  return `"$K3S" kubectl --kubeconfig ${file('kubeconfig')}`;
}

/** A node that restarts, for a moment, with a line in `log` when it begins and when it ends. */
function restart(node: string, apply: string, commands: string) {
  const log = join(folder, 'log');
  const script = `set -euo pipefail
as_node() { ${kubectlOf(node)} --request-timeout 60s "$@"; }
wait_until() { local end=$((SECONDS + $1)); shift; until "$@"; do ((SECONDS < end)) || return 1; sleep 0.5; done; }
fatal() { echo "error: $*" >&2; exit 1; }
warn() { echo "warning: $*" >&2; }
. ${join(folder, 'lib-turns.sh')}
# There is no kubelet here.
ready_for_pods() { true; }
HOST=${node} APPLY=${apply} MAX_UNAVAILABLE=2
take_turn
echo "+ ${node}" >>${log}
${commands}
echo "- ${node}" >>${log}
end_turn`;
  const child = api.bash(script);
  const ended = new Promise<number | null>((done) => child.on('exit', done));
  return Promise.all([ended, text(child.stderr)]).then(([status, errors]) => ({ status, errors }));
}

testOnApi(
  'nodes take turns with their own credentials: six restart, never three at once',
  async () => {
    writeFileSync(join(folder, 'lib-turns.sh'), library.text);
    const nodes = Array.from({ length: 6 }, (_, index) => `agent${index}`);
    const ends = await Promise.all(nodes.map((node) => restart(node, '2026-11-29T20:00:00Z', 'sleep 1')));
    expect(ends).toEqual(nodes.map(() => ({ status: 0, errors: '' })));

    const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
    let [now, most] = [0, 0];
    for (const line of lines) {
      now += line.startsWith('+') ? 1 : -1;
      most = Math.max(most, now);
    }
    expect({ restarts: lines.length / 2, most }).toEqual({ restarts: 6, most: 2 });
    expect(api.do('get', 'configmap', 'k3s-cdk-turns', '-n', 'kube-system', '-o', 'jsonpath={.data}')).toBe(
      '',
    );
  },
  300_000,
);

testOnApi(
  'after a node that does not come back no other of the apply restarts; the next apply goes on',
  async () => {
    const [apply, next] = ['2026-11-29T21:00:00Z', '2026-11-29T22:00:00Z'];
    expect(await restart('agent1', apply, 'fatal "does not start"')).toMatchObject({ status: 1 });
    expect(await restart('agent2', apply, '')).toEqual({
      status: 1,
      errors: expect.stringContaining("left as it is, because node 'agent1' did not come back"),
    });
    expect(await restart('agent2', next, '')).toEqual({ status: 0, errors: '' });
  },
  300_000,
);

testOnApi(
  'a node may change no other object in its place',
  async () => {
    const script = `${kubectlOf('agent1')} -n kube-system "$@"`;
    const forbidden = async (...args: string[]) => {
      const child = api.bash(`set -- ${args.join(' ')}; ${script}`);
      return text(child.stderr);
    };
    expect(await forbidden('get', 'configmaps')).toContain('Forbidden');
    expect(await forbidden('create', 'configmap', 'mine')).toContain('forbidden');
    expect(await forbidden('delete', 'configmap', 'k3s-cdk-turns')).toContain('orbidden');
  },
  300_000,
);
