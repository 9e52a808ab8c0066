import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { HostSandbox } from '../support/host-sandbox';
import { scriptText, withLibraries } from '../support/host-scripts';
import { testWith } from '../support/programs';
import { canSandbox } from '../support/test-in-sandbox';

const testWatch = canSandbox()
  ? testWith('curl', 'openssl')
  : (name: string) => test.skip(`${name} [SKIPPED: no user and mount namespaces]`, () => {});

const scripts = withLibraries({ 'watch.sh': scriptText('watch.sh') });
const hour = 60 * 60;

let host: HostSandbox;
let calls: string;
let server: ReturnType<typeof spawn>;
let port: number;

beforeEach(async () => {
  host = new HostSandbox();
  calls = join(host.folder, 'received');
  server = spawn(process.execPath, [join(__dirname, '../support/called.js')], {
    stdio: ['ignore', openSync(calls, 'w'), 'inherit'],
  });
  while (readFileSync(calls, 'utf8') === '') await setTimeout(20);
  port = Number(readFileSync(calls, 'utf8').split('\n')[0]);
  // The service starts it without a folder for its libraries being there before.
  host.write('/var/lib/.keep', '');
});
afterEach(() => {
  server.kill();
  host.remove();
});

interface Run {
  /** What is wrong, as lines of the probe. */
  readonly wrong?: readonly string[];
  /** Seconds since the first run. */
  readonly at: number;
  readonly addresses?: Readonly<Record<string, string>>;
  /** Whether the host is the one that tells of nodes. */
  readonly holder?: boolean;
  readonly api?: 'answers' | 'is silent';
  readonly services?: string;
  /** The last line of the probe. */
  readonly end?: string;
}

const limits = `MIN_FREE_ERROR=0.05 MIN_FREE_WARNING=0.1 MIN_MEMORY=0.05 HOT=80 CONNECTIONS_IN_USE=0.8 DEAD_ROWS=100000
CERTIFICATE_DAYS=21 VERSION=v1 NODES='server1 agent1'`;

/** One run, and what was called meanwhile: the name of the address, then the body. */
function run({ wrong = [], at, addresses, holder = true, api = 'answers', services = '', end = 'end' }: Run) {
  const before = readFileSync(calls, 'utf8').length;
  host.write(
    '/run/answer',
    [
      'clock\tyes',
      'step\tk3s\tfinished\t1',
      'api\tyes',
      ...nodes,
      ...wrong,
      `virtual-ip\t${holder ? 'yes' : 'no'}`,
      end,
      '',
    ].join('\n'),
  );
  const secrets = addresses ?? {
    problems: `http://127.0.0.1:${port}/problems\n`,
    heartbeat: `http://127.0.0.1:${port}/heartbeat\n`,
  };
  const { status, output } = host.run({
    ...scripts,
    ...secrets,
    'probe.env': '',
    // While the lock is held, which it has not got.
    'probe-host.sh': `probe() {
      ! flock --nonblock /run/k3s-cdk-watch/lock true && ! readlink /proc/self/fd/* | grep -q k3s-cdk-watch/lock && cat /run/answer
    }\n`,
    'watch.env': `HOST=server1 CLUSTER=homelab API_URL=http://127.0.0.1:${port}${api === 'answers' ? '' : '/status/503'}\n${limits}\nSERVICES='${services}'\n`,
    'run.sh': `cd "$(dirname "$0")"
      THE_TIME=$((1800000000 + ${at})); date() { if [[ $* == +%s ]]; then echo $THE_TIME; else /usr/bin/date "$@"; fi; }; export -f date; export THE_TIME
      bash watch.sh`,
  });
  if (status !== 0) throw new Error(output);
  const received = readFileSync(calls, 'utf8')
    .slice(before)
    .split('\n')
    .filter((line) => line !== '')
    .map(
      (line) =>
        JSON.parse(line) as Record<'method' | 'url' | 'body', string> & { headers: Record<string, string> },
    )
    .filter(({ method }) => method === 'POST');
  return { output, received, told: received.flatMap(({ url, body }) => (url === '/problems' ? body : [])) };
}

const nodes = ['server1', 'agent1'].map((name) => `node\t${name}\tTrue\tv1\t\tReady`);
const fullDisk = 'disk\t/var\t1000\t20\t0\t0';
const off = 'node\tagent1\tUnknown\tv1\t\t';

testWatch('a host that is well tells nothing, and calls the heartbeat', () => {
  const { received } = run({ at: 0 });
  expect(received.map(({ url, body }) => [url, body])).toEqual([
    ['/heartbeat', `homelab: the API answers at http://127.0.0.1:${port}, reported by server1\n`],
  ]);
  expect(host.read('/run/k3s-cdk-watch/last')).toMatch(/^heartbeat\t\S+Z$/m);
});

testWatch('a problem is told when it lasts, again after a day, and once when it is over', () => {
  const tell = (at: number, ...wrong: string[]) => run({ at, wrong }).told;
  expect(tell(0, fullDisk)).toEqual([]);
  expect(tell(300)).toEqual([]);
  expect(tell(600, fullDisk)).toEqual([]);
  expect(tell(900, fullDisk)).toEqual([
    "homelab: 1 problem, reported by server1\nerror: server1 has only 2% of its space left in /var\n'k3s-cdk status' says more\n",
  ]);
  expect(tell(1200, fullDisk.replace('20', '19'))).toEqual([]);
  expect(tell(12 * hour, fullDisk)).toEqual([]);
  expect(tell(25 * hour, fullDisk)).toEqual([expect.stringContaining('1 problem, reported by server1')]);
  expect(tell(25 * hour + 300)).toEqual([]);
  expect(tell(25 * hour + 600)).toEqual([
    "homelab: no problem any more, reported by server1\ngone: disk-full /var\n'k3s-cdk status' says more\n",
  ]);
  expect(tell(25 * hour + 900)).toEqual([]);
  expect(tell(50 * hour)).toEqual([]);
});

testWatch('another problem is told with those that last, and a reboot forgets nothing that was told', () => {
  run({ at: 0, wrong: [fullDisk] });
  run({ at: 300, wrong: [fullDisk] });
  host.run({ 'run.sh': 'rm -r /run/k3s-cdk-watch' });
  expect(run({ at: 600, wrong: [fullDisk] }).told).toEqual([]);
  run({ at: 900, wrong: [fullDisk, 'clock\tno'] });
  const [text] = run({ at: 1200, wrong: [fullDisk, 'clock\tno'] }).told;
  expect(text).toBe(
    "homelab: 2 problems, reported by server1\nerror: server1 has only 2% of its space left in /var\nwarning: server1 is not synchronized with a time server\n'k3s-cdk status' says more\n",
  );
});

testWatch(
  'a call that fails is made again at the next run, and its reason is noted without the address',
  () => {
    const secret = { problems: `http://127.0.0.1:${port}/status/403/topic-4711\n` };
    run({ at: 0, wrong: [fullDisk], addresses: secret });
    const { output } = run({ at: 300, wrong: [fullDisk], addresses: secret });
    expect(output).toBe('warning: server1: cannot call problems: HTTP status 403\n');
    expect(host.read('/run/k3s-cdk-watch/last')).toMatch(/^problems-failure\t\S+Z\tHTTP status 403$/m);
    expect(host.read('/run/k3s-cdk-watch/last')).not.toContain('4711');
    expect(run({ at: 600, wrong: [fullDisk] }).told).toHaveLength(1);
    expect(host.read('/run/k3s-cdk-watch/last')).not.toContain('failure');
  },
);

testWatch('headers go with the call, and neither they nor the address are arguments of curl', () => {
  host.stub('curl', 'exec /usr/bin/curl "$@"');
  const addresses = {
    heartbeat: `http://127.0.0.1:${port}/topic-4711\r\nAuthorization: Bearer tk_"back\\slash"\r\nTitle: homelab\n`,
  };
  const { received } = run({ at: 0, addresses });
  expect(received).toMatchObject([
    { url: '/topic-4711', headers: { authorization: 'Bearer tk_"back\\slash"', title: 'homelab' } },
  ]);
  expect(host.calls().filter((call) => /4711|tk_/.test(call))).toEqual([]);
});

testWatch('the heartbeat ends with the API, and not with a server that is off', () => {
  const beats = (options: Partial<Run>) =>
    run({ at: 0, ...options }).received.filter(({ url }) => url === '/heartbeat').length;
  expect(beats({ wrong: [off] })).toBe(1);
  expect(beats({ api: 'is silent' })).toBe(0);
  expect(beats({})).toBe(1);
});

testWatch('what another server tells now is neither told nor called over', () => {
  run({ at: 0, wrong: [off] });
  expect(run({ at: 300, wrong: [off] }).told).toEqual([
    expect.stringContaining('error: agent1 is not Ready'),
  ]);
  for (const at of [600, 900, 1200]) expect(run({ at, wrong: [off], holder: false }).told).toEqual([]);
  run({ at: 1500, wrong: [off] });
  expect(run({ at: 1800, wrong: [off] }).told).toHaveLength(1);
});

testWatch('a host without k3s whose service is silent is told', () => {
  const services = '127.0.0.1 1 Postgres';
  run({ at: 0, services });
  expect(run({ at: 300, services }).told).toEqual([
    expect.stringContaining('error: server1 gets no connection to Postgres at 127.0.0.1 port 1'),
  ]);
  expect(run({ at: 600, services: `127.0.0.1 ${port} Postgres` }).told).toEqual([]);
});

testWatch('what hosts are called cannot do anything to a terminal', () => {
  const wrong = ['disk\t/srv/\u001b]0;x\u0007é\t1000\t20\t0\t0'];
  run({ at: 0, wrong });
  const [text = ''] = run({ at: 300, wrong }).told;
  expect(text).toContain('left in /srv/]0;x');
  expect(/[^\n -~]/.test(text)).toBe(false);
});

testWatch('a probe that hangs or dies is a problem of its own, and nothing is over because of it', () => {
  run({ at: 0, wrong: [fullDisk] });
  run({ at: 300, wrong: [fullDisk] });
  run({ at: 600, end: 'en' });
  expect(run({ at: 900, end: 'en' }).told).toEqual([
    expect.stringMatching(/1 problem, reported by server1\nerror: server1 takes too long to say how it is/),
  ]);
  run({ at: 1200, wrong: [fullDisk] });
  expect(run({ at: 1500, wrong: [fullDisk] }).told).toEqual([
    expect.stringMatching(/1 problem, reported by server1\nerror: .* \/var\ngone: probe-failed/),
  ]);
});
