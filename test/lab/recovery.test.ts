import { testLong } from './support/long';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

const disks = ['/dev/disk/by-id/ata-SSD1'].map((device) => ({ device }));
const database = { backup: { recipients: ['secrets/backup.crt'], keep: { last: 2, daily: 0, weekly: 0 } } };
/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-recovery-${process.pid}`, '10.72.0', [
    { name: 'storage1', number: 10, roles: ['database'], disks },
    { name: 'storage2', number: 20, roles: ['database'], disks },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
  cluster.absent.add('storage2');
  const { binary } = cluster;
  report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

const kubectl = (script: string) =>
  cluster.lab
    .host('server1')
    .exec(`kubectl() { /usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml "$@"; }\n${script}`);

/**
 * Every object with what people wrote into it. Leases and events come and go by themselves; the stand-in keeps no
 * objects, so there a table like kine's has some.
 */
async function everything(host: string): Promise<string[]> {
  if (cluster.binary.standIn)
    return sql(
      host,
      "SELECT id, name, encode(value, 'hex') FROM kine WHERE name LIKE '/registry/%' ORDER BY id",
    );
  const { stdout } = await kubectl(
    `for kind in $(kubectl api-resources --verbs list -o name | grep -vE '^(events|leases)'); do
       kubectl get "$kind" -A -o go-template='{{ range .items }}{{ .kind }} {{ .metadata.namespace }} {{ .metadata.name }} {{ .metadata.uid }} {{ .data }} {{ .spec }}{{ "\\n" }}{{ end }}' 2>/dev/null || true
     done | sort -u`,
  );
  return stdout.trim().split('\n');
}

async function sql(host: string, statement: string): Promise<string[]> {
  const podman = `cd / && exec runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres) \
podman exec k3s-postgres psql -XAtq -h /tmp -U postgres -d k3s -c "$1"`;
  const { stdout } = await cluster.lab.host(host).exec(podman, { args: [statement] });
  return stdout.trim().split('\n');
}

/** A namespace with a few objects of its own. */
async function write(name: string): Promise<void> {
  if (cluster.binary.standIn) {
    await sql(
      'storage1',
      `SET ROLE k3s; CREATE TABLE IF NOT EXISTS kine (id BIGSERIAL PRIMARY KEY, name text, created INTEGER, deleted INTEGER,
         create_revision BIGINT, prev_revision BIGINT, lease INTEGER, value bytea, old_value bytea);
       INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease, value)
         SELECT '/registry/${name}/' || i, 1, 0, 0, 0, 0, '${name}' FROM generate_series(1, 50) i`,
    );
    return;
  }
  await kubectl(`set -e
    kubectl create namespace ${name}
    for i in $(seq 1 10); do
      kubectl -n ${name} create configmap "map-$i" --from-literal="key=$i"
    done
    kubectl -n ${name} create secret generic secret --from-literal=password=${name}-hidden`);
}

const answers = () =>
  waitFor('the API answers at the virtual IP', async () => (await cluster.status()) === '200', {
    timeout: 240_000,
    interval: 250,
  });

testApply('a cluster is there, and its timer for backups too', async () => {
  const { project } = cluster;
  project.write(cluster.yaml({ database }));
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
  await project.init();
  await project.apply();
  await cluster.fetchCa();
  await answers();
  const { stdout } = await cluster.lab.host('storage1').exec('systemctl is-active k3s-cdk-backup.timer');
  expect(stdout).toBe('active\n');
});

testApply(
  'the schedule keeps encrypted backups that nobody else may read, and not more than it should',
  async () => {
    const host = cluster.lab.host('storage1');
    await write('before');
    for (let i = 0; i < 3; i += 1) {
      await host.exec('sleep 1; systemctl start k3s-cdk-backup.service');
    }
    const { stdout } = await host.exec(
      `cd /var/backups/k3s-cdk; stat -c '%a %U' . *; cat /var/lib/k3s-cdk/backup/last.json`,
    );
    const [folder, ...files] = stdout.split('\n').filter((line) => /^\d+ root$/.test(line));
    expect({ folder, files }).toEqual({ folder: '700 root', files: ['600 root', '600 root'] });
    expect(stdout).toMatch(/"file": "\/var\/backups\/k3s-cdk\/lab-\d{8}T\d{6}Z\.tar\.cms"/);
  },
);

/** Terraform breaks its messages into lines. */
const oneLine = (text: string) => text.replace(/\s*\n[│╷╵ ]*/g, ' ');

/** Applies with the options that `restore` prints when there is no database yet. */
async function applyAsTold(backup: string): Promise<void> {
  const { project } = cluster;
  const { stderr } = await project.k3sCdkResult('restore', backup, '--yes');
  const [, options] = / apply (-var .*?) +\(if the machine is new/.exec(stderr) ?? [];
  if (options === undefined) throw new Error(`restore names no command to apply with:\n${stderr}`);
  const applied = await project.terraform('apply', '-auto-approve', '-input=false', ...options.split(' '));
  expect({ status: applied.status, stderr: applied.stderr }).toMatchObject({ status: 0 });
}

testApply(
  'a backup brings back every object on a new database host',
  async () => {
    const { project, lab } = cluster;
    await project.k3sCdk('backup', '--output', project.path('backup.tar.cms'));
    const before = await everything('storage1');
    await write('after');
    expect((await everything('storage1')).length).toBeGreaterThan(before.length);

    await lab.host('storage1').powerOff();
    cluster.absent.delete('storage2');
    cluster.absent.add('storage1');
    project.write(cluster.yaml({ database }));
    await project.k3sCdk('init', '--yes');
    await project.k3sCdk('synth');
    const plan = await project.terraform('plan', '-input=false');
    expect(plan.status).toBe(1);
    expect(oneLine(plan.stderr)).toContain('storage2 would begin with an empty database');
    const began = performance.now();
    await expect(project.k3sCdk('restore', 'backup.tar.cms', '--yes')).rejects.toThrow(
      'storage2 has no database yet',
    );
    for (const name of ['server1', 'server2']) {
      const { stdout } = await lab.host(name).exec('systemctl is-active k3s || true');
      // Failed is one that has lost its database before.
      expect(stdout).toMatch(/^(inactive|failed)\n$/);
    }
    await applyAsTold('backup.tar.cms');
    const { stdout } = await project.k3sCdk('restore', 'backup.tar.cms', '--yes');
    expect(stdout).toContain('which still look for the database elsewhere');
    await project.apply();
    await answers();
    report(`from a lost database host to the API: ${((performance.now() - began) / 1000).toFixed(1)} s`);

    const after = await everything('storage2');
    report(`${before.length} objects before, ${after.length} after`);
    expect(after.filter((line) => !before.includes(line))).toEqual([]);
    expect(before.filter((line) => !after.includes(line))).toEqual([]);
  },
  900_000,
);

testApply(
  'a restore onto the database in use ends in what the backup had, and can be run again',
  async () => {
    const { project } = cluster;
    const { stdout } = await project.k3sCdk('restore', 'backup.tar.cms', '--yes');
    report(/the API answers again after \d+ s/.exec(stdout)?.[0] ?? stdout);
    await answers();
    if (!cluster.binary.standIn) {
      await kubectl('kubectl create configmap written-after-it');
      const { stdout: revision } = await kubectl(
        `kubectl get configmap written-after-it -o jsonpath='{.metadata.resourceVersion}'`,
      );
      expect(Number(revision)).toBeGreaterThan(200_000_000);
    }
  },
  600_000,
);

testLong(
  'a new database machine under the old name does not begin empty, and gets the backup',
  async () => {
    const { project } = cluster;
    await project.k3sCdk('backup', '--output', project.path('last.tar.cms'));
    const before = await everything('storage2');
    await cluster.replace('storage2');
    await project.k3sCdk('init', '--yes');
    await project.k3sCdk('synth');
    const { status, stdout } = await project.terraform('apply', '-auto-approve', '-input=false');
    expect(status).toBe(1);
    expect(stdout).toContain('this cluster has run before, and there is no database in');
    await applyAsTold('last.tar.cms');
    await project.k3sCdk('restore', 'last.tar.cms', '--yes');
    await project.apply();
    await answers();
    const after = await everything('storage2');
    expect(before.filter((line) => !after.includes(line))).toEqual([]);
  },
  900_000,
);
