import { writeFileSync } from 'node:fs';
import { DatabaseTrial } from './support/database-trial';
import { canApply, testApply } from './support/project';
import { Random } from './support/random';
import { laterRelease } from './support/releases';
import { report } from './support/report';
import { type Trouble, Year, type YearEvent } from './support/year';
import { certificatesDue, ofItself, primaryLost, repair, updateAll } from './support/year-events';

// What happens to a small cluster in a year, one thing after the other, in an order that is another one every day
// (LAB_SEED repeats one).

const seed = Number(process.env.LAB_SEED ?? Math.floor(Date.now() / 86_400_000));
/** Seconds; what has not begun by then is left out. */
const most = Number(process.env.LAB_YEAR_SECONDS ?? 1800);
const network = '10.95.0';

let trial: DatabaseTrial;
let year: Year;

beforeAll(async () => {
  if (!canApply) return;
  const databases = ['storage1', 'storage2'].map((name) => ({ name, roles: ['database'], storage: 4096 }));
  trial = await DatabaseTrial.up(network, databases, 3);
  trial.cluster.absent.add('server3');
  year = new Year(trial, `${network}.254`);
}, 600_000);

afterAll(() => trial?.down(), 120_000);

const greeting = (text: string) =>
  writeFileSync(
    trial.cluster.project.path('greeting.sh'),
    `#!/usr/bin/env bash\nset -euo pipefail\necho '${text}' >/etc/motd.own\n`,
  );

function events(random: Random): YearEvent[] {
  const { cluster, databases } = trial;
  const { project, lab } = cluster;
  // Without objects, the client that writes runs on the first server.
  const victim = () => random.one(cluster.members('server').slice(cluster.binary.standIn ? 1 : 0));
  const later = laterRelease(cluster.binary, project.folder);
  if (!later) report('left out: the upgrade of k3s, as there is no later release beside it');
  const nothing: readonly Trouble[] = [];
  const [server, cut, edited] = [victim(), victim(), victim()];
  const all: YearEvent[] = [
    {
      what: `${server} reboots`,
      happen: () =>
        lab
          .host(server)
          .reboot()
          .then(() => nothing),
      limits: { api: 30, writes: 30 },
    },
    {
      what: `${cut} loses power`,
      happen: () =>
        lab
          .host(cut)
          .powerOff()
          // Servers of containers have no kubelet, so the others miss no node, and nobody calls.
          .then(() => [{ told: `${cut} host-unreachable` }]),
      mend: () => lab.host(cut).boot(),
      limits: { api: 30, writes: 30 },
    },
    {
      what: `somebody edits the load balancer of ${edited}`,
      happen: async () => {
        await lab.host(edited).exec("echo '# by hand' >>/etc/haproxy/k3s-api.cfg");
        return [ofItself(edited, 'differs from what step ', 'drift')];
      },
      mend: () => repair(trial.cluster),
    },
    primaryLost(trial),
    {
      what: 'the disk of the standby fills up',
      happen: async () => {
        const standby = await databases.standby();
        await lab
          .host(standby)
          .exec('fallocate -l $(($(df -B1 --output=avail /var | tail -n 1) * 97 / 100)) /var/filler');
        return [ofItself(standby, String.raw`has only \d+% of its space left in /`, 'disk-full')];
      },
      mend: () => Promise.all(databases.names.map((name) => lab.host(name).exec('rm -f /var/filler'))),
    },
    certificatesDue(trial),
    {
      what: 'a backup is made, and restored',
      happen: async () => {
        trial.writer.stop();
        await project.k3sCdk('backup', '--output', project.path('year.tar'));
        await project.k3sCdk('restore', 'year.tar', '--yes');
        trial.writer.start();
        return nothing;
      },
      // The client is stopped before the backup, or what it writes after it would be lost.
      limits: { api: 240, writes: 900 },
    },
    {
      what: 'a script of the owner changes',
      happen: async () => {
        greeting('changed');
        const steps = await trial.change();
        expect(steps).toEqual(
          [...databases.names, ...cluster.members('server')].map((name) => `${name}_own-greeting`).sort(),
        );
        return nothing;
      },
    },
    ...(later
      ? [
          {
            what: `k3s ${cluster.binary.version} becomes ${later.version}`,
            happen: async () => {
              await cluster.take(later);
              await trial.change();
              return nothing;
            },
          },
        ]
      : []),
    {
      what: 'all hosts get an update of a package that wants a reboot',
      happen: async () => {
        await updateAll(trial);
        return nothing;
      },
      // With a switchover of the database.
      limits: { api: 60, writes: 60 },
    },
  ];
  const visit: YearEvent[] = ['comes', 'goes'].map((way) => ({
    what: `server3 ${way}`,
    happen: async () => {
      if (way === 'comes') cluster.absent.delete('server3');
      else cluster.absent.add('server3');
      await trial.change();
      return nothing;
    },
  }));
  const order = random.shuffled(all);
  // It comes before it goes.
  const [second = 0, first = 0] = [random.below(order.length), random.below(order.length)].sort(
    (a, b) => b - a,
  );
  return [
    ...order.slice(0, first),
    ...visit.slice(0, 1),
    ...order.slice(first, second),
    ...visit.slice(1),
    ...order.slice(second),
  ];
}

testApply(
  'a year: nothing acknowledged is lost, every outage has a cause, and status and calls are right at every point',
  async () => {
    greeting('hello');
    trial.settings = { steps: [{ run: 'greeting.sh' }], watch: { every: '60m' } };
    year.calls.writeAddresses();
    await trial.begin();
    const sequence = events(new Random(seed));
    report(`LAB_SEED=${seed}: ${sequence.length} events`);
    await year.begin();
    const began = Date.now();
    try {
      for (const event of sequence)
        if (Date.now() - began < most * 1000) await year.live(event);
        else report(`left out after ${most} s: ${event.what}`);
      await trial.nothingLost();
    } finally {
      year.finish();
      report(`${trial.writer.acknowledged.length} acknowledged writes`);
    }
  },
  5_400_000,
);
