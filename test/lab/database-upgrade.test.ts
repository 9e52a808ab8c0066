import { postgresImage } from './images/postgres-image';
import { ApiWatch } from './support/api-watch';
import { placeImage } from './support/artifacts';
import { inContainer } from './support/databases';
import { isLong, testLong } from './support/long';
import { olderPostgres, olderPostgresName } from './support/older-postgres';
import { canApply } from './support/project';
import { renamedImage } from './support/renamed-image';
import { report } from './support/report';
import { whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
const image = (image: string) => ({ database: { image } });

beforeAll(async () => {
  if (!canApply || !isLong) return;
  cluster = await TestCluster.up(`test-pg-${process.pid}`, '10.69.0', [
    { name: 'storage1', number: 10, roles: ['database'], disks: [{ device: '/dev/disk/by-id/ata-SSD1' }] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
  await placeImage(cluster.project.path('artifacts'), await olderPostgres());
  await cluster.begin(image(olderPostgresName));
}, 1_200_000);

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** What the datastore has, but for rows that k3s writes all the time. */
const rows = () =>
  cluster.sql(
    cluster.binary.standIn
      ? 'SELECT md5(sealed) FROM stand_in'
      : "SELECT md5(string_agg(id || name || md5(coalesce(value, '')), ',' ORDER BY id)) FROM kine WHERE name ~ '^/(bootstrap|registry/(configmaps|secrets|serviceaccounts|clusterroles))'",
    'k3s',
  );

async function changeImage(name: string) {
  cluster.project.write(cluster.yaml(image(name)));
  await cluster.project.k3sCdk('synth');
  return cluster.project.terraform('apply', '-auto-approve', '-input=false');
}

testLong(
  'the database is moved to a new major version with all that is in it, and the old data is kept',
  async () => {
    expect(await cluster.sql('SHOW server_version')).toMatch(/^15\./);
    const before = await rows();
    const watch = new ApiWatch(cluster.lab, cluster.vip);
    try {
      await watch.steady(1000, 60_000);
      const since = Date.now();
      const { status, stdout, stderr } = await changeImage('docker.io/library/postgres:17');
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(stdout).toContain(
        "Postgres 15 is upgraded to 17; the old data is kept in '/srv/postgres/data.postgres-15'",
      );
      await watch.steady(2000, 240_000);
      report(
        `Postgres 15 to 17: outage of the API ${watch.longestOutage(since)} ms, apply ${((Date.now() - since) / 1000).toFixed(0)} s`,
      );
    } finally {
      watch.stop();
    }
    expect(await cluster.sql('SHOW server_version')).toMatch(/^17\./);
    expect(await rows()).toBe(before);
    const { stdout } = await cluster.lab
      .host('storage1')
      .exec('cat /srv/postgres/data.postgres-15/PG_VERSION; ls -d /srv/postgres/*');
    expect(stdout.split('\n')[0]).toBe('15');
    expect(stdout).not.toMatch(/upgrade\.work|data\.ne/);
    // k3s gives up its leases when the database is away for long, and starts again by itself.
    await cluster.whole();
    await whenWell(cluster);
  },
);

testLong('an older major version is refused, and the database goes on', async () => {
  const { status, stdout } = await changeImage(olderPostgresName);
  expect(status).toBe(1);
  expect(stdout).toContain(
    "'/srv/postgres/data' is of Postgres 17 and image 'docker.io/library/postgres:15' is Postgres 15",
  );
  expect(await cluster.status()).toBe('200');
});

testLong('the documented way back to the data that an upgrade has kept is one', async () => {
  await cluster.postgres('stop');
  await cluster.lab
    .host('storage1')
    .exec('cd /srv/postgres && mv data data.postgres-17 && mv data.postgres-15 data');
  const { status } = await changeImage(olderPostgresName);
  expect(status).toBe(0);
  expect(await cluster.sql('SHOW server_version')).toMatch(/^15\./);
  await cluster.whole();
});

testLong('an upgrade that fails leaves the old version running, with the reason', async () => {
  await cluster.lab.host('storage1').exec('rm -rf /srv/postgres/data.postgres-17');
  // Postgres 16 has another name for it.
  await cluster.sql('ALTER DATABASE k3s SET force_parallel_mode = off');
  const { status, stdout } = await changeImage('docker.io/library/postgres:17');
  expect(status).toBe(1);
  expect(stdout).toContain('unrecognized configuration parameter "force_parallel_mode"');
  expect(stdout).toContain('the dump cannot be loaded into the new database');
  await cluster.whole();
  expect(await cluster.sql('SHOW server_version')).toMatch(/^15\./);
  const { stdout: left } = await cluster.lab.host('storage1').exec('ls /srv/postgres');
  expect(left.split('\n')).not.toContain('data.next');
  await cluster.sql('ALTER DATABASE k3s RESET force_parallel_mode');
  expect((await changeImage('docker.io/library/postgres:17')).status).toBe(0);
  expect(await cluster.sql('SHOW server_version')).toMatch(/^17\./);
});

testLong('a newer image of the same major version costs one restart of Postgres', async () => {
  const { project } = cluster;
  const name = 'docker.io/library/postgres:17.99';
  await placeImage(
    project.path('artifacts'),
    await renamedImage(await postgresImage(), name, project.folder),
  );
  const [before, started] = [await rows(), await cluster.sql('SELECT pg_postmaster_start_time()')];
  const watch = new ApiWatch(cluster.lab, cluster.vip);
  try {
    await watch.steady(1000, 60_000);
    const since = Date.now();
    expect((await changeImage(name)).status).toBe(0);
    await watch.steady(2000, 240_000);
    report(`another image of Postgres 17: outage of the API ${watch.longestOutage(since)} ms`);
  } finally {
    watch.stop();
  }
  expect(await cluster.sql('SELECT pg_postmaster_start_time()')).not.toBe(started);
  expect(await rows()).toBe(before);
  const { stdout } = await inContainer(cluster.lab.host('storage1'), 'printenv IMAGE_NAME');
  expect(stdout.trim()).toBe(name);
  await whenWell(cluster);
});
