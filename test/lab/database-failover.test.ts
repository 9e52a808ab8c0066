import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseTrial, soon } from './support/database-trial';
import { isLong } from './support/long';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { problemsOf } from './support/status';
import { waitFor } from './wait';

/** Where etcd's certificates are on its hosts. */
const etcdConfig = '/var/lib/k3s-etcd/config';

/** Each test goes on with what the one before it has left. */
let trial: DatabaseTrial;

beforeAll(async () => {
  if (!canApply) return;
  const databases = ['storage1', 'storage2'].map((name) => ({ name, roles: ['database'] }));
  // Beside three servers, and ten times, for the long form.
  trial = await DatabaseTrial.up('10.75.0', databases, isLong ? 3 : 1);
}, 600_000);

afterAll(() => trial?.down(), 120_000);

testApply(
  'one apply makes two database hosts a datastore that k3s runs on',
  async () => {
    await trial.begin();
  },
  900_000,
);

testApply(
  'the standby is lost: writes go on, and status tells that the other one must not be',
  async () => {
    for (let round = 0; round < (isLong ? 4 : 1); round++) {
      const standby = await trial.databases.standby();
      const since = Date.now();
      await trial.cluster.lab.host(standby).powerOff();
      await sleep(5000);
      report(`standby lost: ${await trial.outageSince(since)} ms without an acknowledged write`);
      expect(await problemsOf(trial.cluster)).toEqual(
        expect.arrayContaining(['cluster database-alone', `${standby} host-unreachable`]),
      );
      await trial.cluster.lab.host(standby).boot();
      await trial.databases.whole();
      expect((await problemsOf(trial.cluster)).filter((problem) => /database|etcd/.test(problem))).toEqual(
        [],
      );
      await trial.nothingLost();
    }
  },
  400_000,
);

testApply(
  'a planned switchover: writes go on at the other host, none is lost, and a backup is made there',
  async () => {
    const { project } = trial.cluster;
    const primary = await trial.databases.primary();
    const since = Date.now();
    const { stdout } = await project.k3sCdk('database', 'switchover');
    const outage = await trial.outageSince(since);
    report(`planned switchover: ${outage} ms without an acknowledged write`);
    const now = await trial.databases.primary();
    expect(now).not.toBe(primary);
    expect(stdout).toContain(`${now} is the primary now`);
    await trial.databases.whole();
    await trial.nothingLost();
    await project.k3sCdk('backup', '--output', project.path('backup.tar'));
    const { stdout: manifest } = await trial.cluster.lab.run('tar', [
      '-xOf',
      project.path('backup.tar'),
      'manifest.json',
    ]);
    expect(JSON.parse(manifest)).toMatchObject({ host: now });
    expect(readFileSync(project.path('backup.tar')).length).toBeGreaterThan(10_000);
  },
  400_000,
);

testApply(
  'the primary loses power: the standby takes over, nothing acknowledged is lost, and the old one joins again by itself',
  async () => {
    const outages: number[] = [];
    const returns: number[] = [];
    const restarts = await trial.restartsOfK3s();
    for (let round = 0; round < (isLong ? 10 : 1); round++) {
      const primary = await trial.databases.primary();
      const since = Date.now();
      await trial.cluster.lab.host(primary).powerOff();
      // What was acknowledged while the plug was pulled is no failover.
      await sleep(5000);
      outages.push(await trial.outageSince(since));
      expect(await trial.databases.primary()).not.toBe(primary);
      const booted = Date.now();
      await trial.cluster.lab.host(primary).boot();
      await trial.databases.whole();
      returns.push(Date.now() - booted);
      expect(await trial.databases.primary()).not.toBe(primary);
      await trial.nothingLost();
    }
    report(
      `power loss of the primary: ${outages.join(', ')} ms without an acknowledged write; the old one was a standby with everything ${returns.join(', ')} ms after its boot; ${trial.writer.acknowledged.length} writes, none lost`,
    );
    report(`restarts of k3s meanwhile: ${(await trial.restartsOfK3s()) - restarts}`);
  },
  isLong ? 3_000_000 : 400_000,
);

testApply(
  'an etcd host is down: writes continue, and it takes part again when it is back',
  async () => {
    const host = trial.cluster.lab.host('server1');
    const since = Date.now();
    await host.exec('systemctl stop user@$(id -u k3s-etcd)');
    await sleep(10_000);
    report(`one etcd host down: ${await trial.outageSince(since)} ms without an acknowledged write`);
    await host.exec('systemctl start user@$(id -u k3s-etcd)');
    await waitFor(
      'it takes part again',
      async () =>
        (await answerTo('server1', own(etcdConfig, 'etcd'), 'server1', 2379, '/health')).includes(
          '"health":"true"',
        ),
      { timeout: soon, interval: 500 },
    );
    await trial.nothingLost();
  },
  300_000,
);

testApply("what a server has for Postgres opens neither etcd nor Patroni's REST API", async () => {
  const { databases } = trial;
  const [etcd, patroni] = [own(etcdConfig, 'etcd'), own('/srv/postgres/config', 'patroni')];
  const k3s = '/etc/rancher/k3s/datastore';
  const ofK3s: Certificate = { ca: `${k3s}/ca.crt`, crt: `${k3s}/client.crt`, key: `${k3s}/client.key` };
  // It has no reason to trust what answers, so that is not what it ends at.
  const server = 'server1';
  for (const [host, port, path] of [
    [server, 2379, '/health'],
    [server, 2380, '/version'],
    [databases.names[0] ?? '', 8008, '/patroni'],
  ] as const) {
    expect(await answerTo(server, { ...ofK3s, ca: undefined }, host, port, path)).toBe('');
    expect(await answerTo(server, etcd, host, port, path)).toMatch(/health|etcdserver|timeline/);
  }
  // Nor is one of etcd's hosts that is no database host one that may have Patroni do something.
  const primary = await databases.primary();
  const restart = ['-X', 'POST', '-w', '%{http_code}', '-o', '/dev/null'];
  expect(await answerTo(server, etcd, primary, 8008, '/restart', restart)).toBe('403');
  expect(await answerTo(server, { ...ofK3s, ca: undefined }, primary, 8008, '/restart', restart)).toBe('000');
  const reload = await answerTo(primary, patroni, primary, 8008, '/reload', restart);
  expect(reload).toMatch(/^20[02]$/);
});

interface Certificate {
  readonly ca: string | undefined;
  readonly crt: string;
  readonly key: string;
}

/** What a host shows of the CA of etcd and Patroni. */
function own(folder: string, name: string): Certificate {
  return { ca: `${folder}/cluster-ca.crt`, crt: `${folder}/${name}.crt`, key: `${folder}/${name}.key` };
}

/** What is answered to a host's certificate; empty when it is not let in. */
async function answerTo(
  from: string,
  { ca, crt, key }: Certificate,
  to: string,
  port: number,
  path: string,
  options: readonly string[] = [],
): Promise<string> {
  const { lab } = trial.cluster;
  const trust = ca === undefined ? '--insecure' : `--cacert ${ca}`;
  // etcd's port for peers has no HTTP/2 for this.
  const { stdout } = await lab
    .host(from)
    .exec(
      `curl -s --http1.1 --max-time 5 ${trust} --cert ${crt} --key ${key} ${options.join(' ')} https://${lab.host(to).address}:${port}${path}`,
      { allowFailure: true },
    );
  return stdout;
}
