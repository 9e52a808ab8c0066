import { DatabaseTrial, soon } from './support/database-trial';
import { isLong, testLong } from './support/long';
import { canApply } from './support/project';
import { report } from './support/report';
import { problemsOf, statusOf } from './support/status';
import { waitFor } from './wait';

/** Each test goes on with what the one before it has left. */
let trial: DatabaseTrial;

beforeAll(async () => {
  if (!canApply || !isLong) return;
  const databases = ['storage1', 'storage2', 'storage3'].map((name) => ({ name, roles: ['database'] }));
  trial = await DatabaseTrial.up('10.78.0', databases, 2);
  // The third one comes later.
  trial.cluster.absent.add('storage3');
}, 600_000);

afterAll(() => trial?.down(), 120_000);

const config = '/var/lib/k3s-etcd/config';

/** The names that a host's etcd has of all members, and those that have never run. */
async function members(asked: string): Promise<string[]> {
  const { stdout } = await trial.cluster.lab
    .host(asked)
    .exec(
      `curl -s --http1.1 --max-time 5 --cacert ${config}/cluster-ca.crt --cert ${config}/etcd.crt --key ${config}/etcd.key https://127.0.0.1:2379/v3/cluster/member/list --data '{"linearizable":true}'`,
      { allowFailure: true },
    );
  const found: { name?: string; clientURLs?: string[] }[] = JSON.parse(stdout || '{}').members ?? [];
  return found.map(({ name = '?', clientURLs }) => (clientURLs ? name : `${name} not started`)).sort();
}

/** All of these are members and well, and nobody else is. */
async function whole(...names: string[]): Promise<void> {
  let seen: string[] = [];
  await waitFor(
    'etcd has its members',
    async () => {
      seen = (await Promise.all(names.map(members))).map((list) => list.join(' '));
      return seen.every((list) => list === [...names].sort().join(' '));
    },
    { timeout: soon, interval: 1000, explain: () => seen.join('; ') },
  );
  expect((await problemsOf(trial.cluster)).filter((problem) => /database|etcd|drift/.test(problem))).toEqual(
    [],
  );
}

/** Applies, tells how long writes stood still, and reboots all hosts with it. */
async function change(what: string, apply: () => Promise<unknown>): Promise<void> {
  const since = Date.now();
  await apply();
  const outage = await trial.outageSince(since);
  report(`${what}: ${outage} ms without an acknowledged write`);
  await trial.nothingLost();
  await trial.databases.whole();
  await trial.reboot();
}

testLong(
  'etcd begins on both database hosts and the first server',
  async () => {
    await trial.begin();
    await whole('storage1', 'storage2', 'server1');
  },
  900_000,
);

testLong.each([
  ['the standby', (): Promise<string> => trial.databases.standby(), '/srv/postgres/etcd'],
  ['the primary', (): Promise<string> => trial.databases.primary(), '/srv/postgres/etcd'],
  ['the witness', async (): Promise<string> => 'server1', '/var/lib/k3s-etcd/data'],
] as const)(
  'a member loses its disk, %s: it does not begin with nothing by itself, and its step makes it a member anew',
  async (_, which, folder) => {
    const name = await which();
    const { lab, project } = trial.cluster;
    const user = 'user@$(id -u k3s-etcd)';
    await lab
      .host(name)
      .exec(`systemctl stop ${user}; find ${folder} -mindepth 1 -delete; systemctl start ${user}`);
    await waitFor(
      'status tells of it',
      async () => (await problemsOf(trial.cluster)).includes(`${name} etcd-down`),
      { timeout: soon, interval: 1000 },
    );
    const { repair } = await statusOf(trial.cluster);
    expect(repair).toEqual([project.address(`${name}_etcd`)]);
    await change(`the disk of etcd on ${name} is new`, () =>
      project.apply(...repair.map((address) => `-replace=${address}`)),
    );
    await whole('storage1', 'storage2', 'server1');
  },
  600_000,
);

testLong(
  'the witness leaves the cluster: the next server takes its place',
  async () => {
    trial.cluster.absent.add('server1');
    await change('the witness leaves', () => trial.change());
    await whole('storage1', 'storage2', 'server2');
  },
  900_000,
);

testLong(
  'a third database host is added: it takes the place of the witness',
  async () => {
    trial.cluster.absent.delete('storage3');
    await change('a third database host', () => trial.change());
    await whole('storage1', 'storage2', 'storage3');
    const { stdout } = await trial.cluster.lab
      .host('server2')
      .exec('id k3s-etcd; ls /usr/local/lib/k3s-cdk/uninstall.d', { allowFailure: true });
    expect(stdout).not.toMatch(/k3s-etcd|42-etcd/);
  },
  900_000,
);

testLong(
  'a database host is replaced by a new machine under its name: it has a copy, and is a member anew',
  async () => {
    const { cluster, databases } = trial;
    const name = await databases.standby();
    await cluster.replace(name);
    await change('a new machine under an old name', () => trial.change());
    await whole('storage1', 'storage2', 'storage3');
  },
  900_000,
);
