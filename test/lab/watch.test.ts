import { writeFileSync } from 'node:fs';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

const disks = [{ device: '/dev/disk/by-id/ata-SSD1' }];
const database = { backup: { recipients: ['secrets/backup.crt'] } };
/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-watch-${process.pid}`, '10.83.0', [
    { name: 'storage1', number: 10, roles: ['database'], disks },
    { name: 'server1', number: 11, roles: ['server'] },
  ]);
  const { binary } = cluster;
  report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** Somebody to be called, on each host itself: labs have no way out. */
const listener = `use IO::Socket::INET; my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1:4711", Listen => 5, ReuseAddr => 1) or die;
while (my $call = $server->accept) {
  my ($first, $length) = (scalar <$call>, 0);
  while (defined(my $line = <$call>)) { $length = $1 if $line =~ /^content-length: (\\d+)/i; last if $line =~ /^\\r?$/ }
  read $call, my $body, $length; open my $log, ">>", "/run/called"; print $log "$first$body\\n"; close $log;
  print $call "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n"; close $call;
}`;

/** One run of a host's own look at itself, and what was called meanwhile. */
async function look(name: string): Promise<string> {
  const { stdout } = await cluster.lab
    .host(name)
    .exec(': >/run/called; systemctl start k3s-cdk-watch.service; cat /run/called');
  return stdout;
}

testApply('hosts that look after themselves call when all else is done on them', async () => {
  const { project } = cluster;
  project.write(cluster.yaml({ database, watch: { every: '60m' } }));
  await project.k3sCdkResult('init', '--yes');
  for (const call of ['heartbeat', 'problems'])
    writeFileSync(project.path(`secrets/watch-${call}`), `http://127.0.0.1:4711/${call}-secret-topic\n`, {
      mode: 0o600,
    });
  for (const name of ['storage1', 'server1'])
    await cluster.lab
      .host(name)
      .exec('exec systemd-run --quiet --unit called perl -e "$1"', { args: [listener] });
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
  await project.init();
  await project.apply();
  await cluster.fetchCa();
  await look('server1');
  expect(await look('server1')).toMatch(
    /^POST \/heartbeat-secret-topic HTTP\/1\.1\r?\nlab: the API answers at /m,
  );
  await look('storage1');
  expect(await look('storage1')).not.toContain('heartbeat');
  const { stdout } = await cluster.lab
    .host('storage1')
    .exec(
      'cd /usr/local/libexec/k3s-cdk/watch; ls; stat -c %a . problems; journalctl -u k3s-cdk-watch | cat',
    );
  expect(stdout).toContain('700\n600\n');
  expect(stdout).not.toContain('heartbeat');
  expect(stdout).not.toContain('secret-topic');
});

testApply('without its database the heartbeat ends, and the server reports it; then it is over', async () => {
  const postgres = (verb: string) =>
    cluster.lab
      .host('storage1')
      .exec(
        `cd / && exec runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres) systemctl --user ${verb} k3s-postgres`,
      );
  await postgres('stop');
  await look('server1');
  const down = await look('server1');
  expect(down).not.toContain('/heartbeat');
  expect(down).toMatch(/error: server1 (gets no answer from the API|has an API that does not answer)/);
  await look('storage1');
  expect(await look('storage1')).toContain('error: storage1 has a Postgres that is inactive');
  expect(await look('storage1')).toBe('');
  await postgres('start');
  await cluster.whole();
  let said = '';
  // Two runs that do not find it; Postgres may take its time before.
  await waitFor('storage1 says that it is over', async () => {
    said += await look('storage1');
    return said.includes('gone: database-down');
  });
  await look('server1');
  expect(await look('server1')).toContain('POST /heartbeat');
});

/** What drill.sh has written down. */
async function drill(): Promise<Record<string, string | null>> {
  const { stdout } = await cluster.lab.host('storage1').exec(
    `for i in $(seq 1 120); do systemctl is-active -q k3s-cdk-drill || [[ ! -e /var/lib/k3s-cdk/backup/drill.json ]] || break; sleep 1; done
     journalctl --no-pager -u k3s-cdk-drill -o cat | tail -n 20 >&2; cat /var/lib/k3s-cdk/backup/drill.json`,
  );
  return JSON.parse(stdout);
}

testApply('a backup is followed by a restore drill, and one that is damaged fails it', async () => {
  const host = cluster.lab.host('storage1');
  await host.exec('systemctl start k3s-cdk-backup.service');
  const good = await drill();
  expect(good).toEqual({
    lastSuccess: expect.any(String),
    backup: expect.stringMatching(/^lab-\d{8}T\d{6}Z\.tar\.cms$/),
    since: expect.any(String),
    lastFailure: null,
  });
  const { stdout } = await host.exec('journalctl --no-pager -u k3s-cdk-drill -o cat | grep restored');
  report(stdout.trim());
  await host.exec(
    `cd /var/backups/k3s-cdk; f=$(ls lab-*.cms | tail -n 1); printf 'x%.0s' {1..64} | dd of="$f" bs=1 seek=3000 conv=notrunc status=none; systemctl start k3s-cdk-drill.service || true`,
  );
  expect((await drill()).lastFailure).not.toBeNull();
  const { stdout: status } = await cluster.project.k3sCdkResult('status', '--json');
  const codes = JSON.parse(status).problems.map(({ code }: { code: string }) => code);
  expect(codes).toContain('drill-failed');
  await look('storage1');
  expect(await look('storage1')).toContain('error: storage1 could not restore its newest backup on ');
  const { stdout: left } = await host.exec('ls /srv/postgres');
  expect(left).not.toContain('drill');
});

testApply('nobody is called when watch is gone, and nothing of it is left', async () => {
  const { project, lab } = cluster;
  project.write(cluster.yaml({ database }));
  await project.k3sCdk('synth');
  await project.apply();
  const { stdout } = await lab
    .host('server1')
    .exec(
      'ls -d /usr/local/libexec/k3s-cdk/watch /etc/systemd/system/k3s-cdk-watch* /run/k3s-cdk-watch /var/lib/k3s-cdk/records/watch 2>/dev/null || true',
    );
  expect(stdout).toBe('');
});
