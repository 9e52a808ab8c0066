import { k3sBinary } from '../k3s-binary';
import { Lab } from '../lab';
import { leftovers } from '../leftovers';
import { makeArtifacts } from '../support/artifacts';
import { inContainer } from '../support/databases';
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
/** A Raspberry Pi 5 with its 16 KiB pages, and one that boots as Ubuntu does. */
const hosts = [
  { ...bare, name: 'pi5', number: 11, pageSize: 16, firmware: 'raspberry', disks: [{ device: ssd }] },
  { ...bare, name: 'pi4', number: 12, firmware: 'raspberry-ubuntu' },
] as const;
const roles = { pi5: ['database', 'nfs', 'server'], pi4: ['server'] };

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
  await measure('two bare machines boot', async () => {
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
    expect(await outputs('uname -m; getconf PAGESIZE; findmnt -no FSTYPE /boot/firmware')).toEqual([
      'aarch64\n16384\nvfat',
      'aarch64\n4096\nvfat',
    ]);
    expect(await outputs('grep -ow memory /sys/fs/cgroup/cgroup.controllers || true')).toEqual(['', '']);
  },
);

testApply('one apply takes them from bare to a server that answers, with one reboot each', async () => {
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
  await project.init();
  const { steps } = await measure('apply', () => project.apply());
  expect(steps).toEqual(expect.arrayContaining(['pi4_prepare', 'pi5_database', 'pi5_nfs', 'pi4_k3s']));
  expect(
    await outputs(
      'grep -ow memory /sys/fs/cgroup/cgroup.controllers; journalctl --list-boots --quiet | wc -l',
    ),
  ).toEqual(['memory\n2', 'memory\n2']);
  const [pi5 = '', pi4 = ''] = await outputs(
    'cat /boot/firmware/cmdline.txt /boot/firmware/current/cmdline.txt 2>/dev/null || true',
  );
  for (const line of [pi5, pi4]) expect(line).toMatch(/^console=.* rootwait cgroup_enable=memory$/);
});

testApply('Postgres keeps the state, on the SSD', async () => {
  const host = lab.host('pi5');
  expect((await host.exec('findmnt -no SOURCE /srv/postgres')).stdout).toMatch(/^\/dev\/vd/);
  const rows = `SELECT count(*) > 0 FROM ${standIn ? 'stand_in' : 'kine'}`;
  const ask = `psql -XAtq -h /tmp -U postgres -d k3s -c 'SELECT version()' -c '${rows}'`;
  expect((await inContainer(host, ask)).stdout).toMatch(/^PostgreSQL 17.* on aarch64.*\nt\n$/);
});

/** Status of the API at the virtual IP, as somebody without a credential gets it through haproxy. */
async function status(): Promise<string> {
  const curl = ['-sk', '--max-time', '5', '-o', '/dev/null', '-w', '%{http_code}'];
  return (await lab.run('curl', [...curl, `https://${network}.5:6443/readyz`], { allowFailure: true }))
    .stdout;
}

testApply('the API answers at the virtual IP, and again after both have lost power', async () => {
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
