import { k3sBinary } from '../k3s-binary';
import { Lab } from '../lab';
import { leftovers } from '../leftovers';
import { makeArtifacts } from '../support/artifacts';
import { inContainer } from '../support/databases';
import { isLong, testLong } from '../support/long';
import { measured } from '../support/measured';
import { canApply, Project, testApply } from '../support/project';
import { report } from '../support/report';
import { usualTools } from '../support/tools';
import { withoutKubelet } from '../support/what-containers-lack';
import { waitFor } from '../wait';

const name = `test-raspberry-${process.pid}`;
const network = '10.83.0';
const ssd = '/dev/disk/by-id/ata-SSD1';
const bare = { arch: 'arm64', memory: 2048 } as const;
/** A Raspberry Pi 5 with its 16 KiB pages; in the long form with one that boots as Ubuntu does. */
const pis = [
  { ...bare, name: 'pi5', number: 11, pageSize: 16, firmware: 'raspberry', disks: [{ device: ssd }] },
  { ...bare, name: 'pi4', number: 12, firmware: 'raspberry-ubuntu' },
] as const;
const hosts = isLong ? pis : pis.slice(0, 1);
const roles = { pi5: ['database', 'nfs', 'server'], pi4: ['server'] };

const psql = 'psql -XAtq -h /tmp -U postgres';

let lab: Lab;
let project: Project;
let standIn: boolean;

const measure = <T>(what: string, run: () => Promise<T>) => measured(what, () => lab, run);

const outputs = async (script: string) =>
  Promise.all(lab.hosts.map(async (host) => (await host.exec(script)).stdout.trim()));

beforeAll(async () => {
  if (!canApply) return;
  const binary = await k3sBinary('arm64');
  ({ standIn } = binary);
  await measure('bare machines boot', async () => {
    lab = await Lab.up({
      name,
      kind: 'vm',
      hosts: hosts.map(({ number, ...host }) => ({ ...host, addresses: [`${network}.${number}/24`] })),
      reserved: [`${network}.5`],
    });
  });
  project = new Project(lab, usualTools);
  await makeArtifacts(project.path('artifacts'), binary, { arch: 'arm64', compressed: true });
  // The stand-in has no kubelet.
  if (binary.standIn) for (const host of lab.hosts) await withoutKubelet(host);
  report(`k3s ${binary.version}${binary.standIn ? ' (stand-in)' : ''}`);
  project.writeCluster({
    hosts: hosts.map(({ name, number }) => ({
      name,
      address: `${network}.${number}`,
      roles: roles[name],
      ...(name === 'pi5' && { disks: [{ device: ssd, mount: '/srv/postgres', format: 'if-blank' }] }),
    })),
    api: { address: `${network}.5` },
    k3s: { version: binary.version, artifacts: './artifacts' },
  });
});

afterAll(async () => {
  await lab?.down();
  expect(leftovers(name)).toEqual([]);
});

testApply(
  'they boot as Raspberry Pis do: from a FAT disk of their own, without the memory cgroup',
  async () => {
    const pages = hosts.map((host) => ('pageSize' in host ? 16384 : 4096));
    expect(await outputs('uname -m; getconf PAGESIZE; findmnt -no FSTYPE /boot/firmware')).toEqual(
      pages.map((size) => `aarch64\n${size}\nvfat`),
    );
    expect(await outputs('grep -ow memory /sys/fs/cgroup/cgroup.controllers || true')).toEqual(
      hosts.map(() => ''),
    );
  },
);

testApply('an apply takes them from bare to the database and NFS, with one reboot each', async () => {
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
  await project.init();
  const wanted = ['pi5_database', 'pi5_nfs', ...hosts.map(({ name }) => `${name}_prepare`)];
  const targets = wanted.map((step) => `-target=${project.address(step)}`);
  const { steps } = await measure('apply up to the database', () => project.apply(...targets));
  expect(steps).toEqual(expect.arrayContaining(wanted));
  expect(
    await outputs(
      'grep -ow memory /sys/fs/cgroup/cgroup.controllers; journalctl --list-boots --quiet | wc -l',
    ),
  ).toEqual(hosts.map(() => 'memory\n2'));
  const lines = await outputs(
    'cat /boot/firmware/cmdline.txt /boot/firmware/current/cmdline.txt 2>/dev/null || true',
  );
  for (const line of lines) expect(line).toMatch(/^console=.* rootwait cgroup_enable=memory$/);
});

testApply('Postgres runs on the SSD', async () => {
  const host = lab.host('pi5');
  expect((await host.exec('findmnt -no SOURCE /srv/postgres')).stdout).toMatch(/^\/dev\/vd/);
  expect((await inContainer(host, `${psql} -c 'SELECT version()'`)).stdout).toMatch(
    /^PostgreSQL 17.* on aarch64/,
  );
});

/** Status of the API at the virtual IP, as somebody without a credential gets it through haproxy. */
async function status(): Promise<string> {
  const curl = ['-sk', '--max-time', '5', '-o', '/dev/null', '-w', '%{http_code}'];
  return (await lab.run('curl', [...curl, `https://${network}.5:6443/readyz`], { allowFailure: true }))
    .stdout;
}

testLong('the whole apply makes them servers that keep their state in it', async () => {
  const { steps } = await measure('the rest of the apply', () => project.apply());
  expect(steps).toEqual(expect.arrayContaining(['pi5_k3s', 'pi4_k3s']));
  const rows = `SELECT count(*) > 0 FROM ${standIn ? 'stand_in' : 'kine'}`;
  expect((await inContainer(lab.host('pi5'), `${psql} -d k3s -c '${rows}'`)).stdout).toBe('t\n');
});

testLong('the API answers at the virtual IP, and again after both have lost power', async () => {
  expect(await status()).toBe('200');
  await Promise.all(lab.hosts.map((host) => host.powerOff()));
  await measure('both boot', () => Promise.all(lab.hosts.map((host) => host.boot())));
  await measure('the API is back', () =>
    waitFor('the API answers', async () => (await status()) === '200', {
      timeout: 3_600_000,
      interval: 1000,
    }),
  );
});
