import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { operatorAddresses } from './lab-config';
import { arch } from './support/artifacts';
import { closed, closedToPodAddress, closeFirewalls, firewallRules, keepPodsAway } from './support/firewalls';
import { stateOf } from './support/host-state';
import { Internet } from './support/internet';
import { waysOfPod } from './support/pod-of-host';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { about, expectReported } from './support/reported';
import { services } from './support/services';
import { whenWell } from './support/status';
import { stepsToKill } from './support/steps-to-kill';
import { TestCluster } from './support/test-cluster';
import { otherTools } from './support/tools';
import { kernelHasNfs, withoutNfsServer } from './support/what-containers-lack';
import { waitFor } from './wait';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
let internet: Internet;
let ownRules: Record<string, string[]>;
let knownHosts = '';

const network = '10.73.0';
const hosts = [
  { name: 'storage1', number: 10, roles: ['database'], disks: [{ device: '/dev/disk/by-id/ata-SSD1' }] },
  { name: 'storage2', number: 20, roles: ['nfs'] },
  { name: 'server1', number: 11, roles: ['server'], storage: 4096 },
  { name: 'server2', number: 12, roles: ['server'], sudo: 'password' as const, port: 2222 },
  { name: 'server3', number: 13, roles: ['server'], storage: 4096 },
];

/** Each is switched on by the owner and lets in SSH alone. */
const firewalls = {
  storage1: 'firewalld',
  storage2: 'ufw',
  server1: 'ufw',
  server2: 'nftables',
  server3: 'firewalld',
} as const;

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-faults-${process.pid}`, network, hosts, otherTools);
  const { lab, project, binary } = cluster;
  const [operator = ''] = operatorAddresses({
    name: '',
    hosts: hosts.map(({ name, number }) => ({ name, addresses: [`${network}.${number}/24`] })),
    reserved: [cluster.vip],
  });
  internet = await Internet.up(lab, {
    folder: project.path('internet'),
    address: operator.split('/')[0] ?? '',
    release: project.path('artifacts', arch),
    version: binary.version,
  });
  await closeFirewalls(lab, firewalls);
  ownRules = await firewallRules(lab, firewalls);
  const { program, provisioner } = project.tools;
  report(
    `applied with ${program}, steps are ${provisioner}; k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`,
  );
});

afterAll(async () => {
  internet?.down();
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** How Terraform gets to them: by the SSH agent, with a key, at another port, through a bastion. */
function ways(hosts: Readonly<Record<string, object>> = {}) {
  const { privateKey } = cluster.lab;
  const ssh = {
    storage1: { privateKey },
    server1: { privateKey },
    server2: { privateKey, port: 2222 },
    server3: { privateKey, bastion: { address: `${network}.10`, user: 'pi' } },
  };
  const own = Object.entries(ssh).map(([name, ssh]) => [name, { ssh, ...hosts[name] }]);
  return { ssh: { user: 'pi' }, hosts: Object.fromEntries(own) };
}

/** cluster.yaml of hosts that download everything, by the only proxy that there is. */
const online = (hosts: Readonly<Record<string, object>> = {}) => {
  const { ssh, hosts: reached } = ways(hosts);
  const registries = { mirrors: { 'docker.io': { endpoint: ['https://registry.lab.test'] } } };
  const k3s = { version: cluster.binary.version, registries };
  return cluster.yaml({ ssh, k3s, proxy: { http: internet.proxy } }, reached);
};

/** An apply that must fail, within its limits. */
async function failedApply(): Promise<{ stdout: string; stderr: string; seconds: number }> {
  const began = performance.now();
  const { status, stdout, stderr } = await cluster.project.terraform(
    'apply',
    '-auto-approve',
    '-input=false',
  );
  const seconds = (performance.now() - began) / 1000;
  expect({ status, bounded: seconds < 400 }).toEqual({ status: 1, bounded: true });
  return { stdout, stderr, seconds };
}

/** What `k3s-cdk doctor` says, which ends with status 1. */
async function doctor(): Promise<string> {
  const { status, stdout, stderr } = await cluster.project.k3sCdkResult('doctor');
  expect(status).toBe(1);
  return stdout + stderr;
}

testApply(
  'a repository that is down, a host that is off, a wrong host key, sudo with a password, a wrong architecture, a port in use, the k3s of somebody else, a clock that is off and a full disk are told by the host they are on',
  async () => {
    const { project, lab } = cluster;
    // There must be files for it.
    mkdirSync(project.path('artifacts/arm64'));
    writeFileSync(project.path('artifacts/arm64/sha256sum-arm64.txt'), '');
    const { ssh, hosts: reached } = ways({ server3: { arch: arch === 'arm64' ? 'amd64' : 'arm64' } });
    project.write(cluster.yaml({ ssh }, reached));
    await project.k3sCdk('init', '--yes');
    knownHosts = readFileSync(project.path('known_hosts'), 'utf8');
    writeFileSync(project.path('known_hosts'), withKeyOf(knownHosts, `${network}.11`, `${network}.10`));
    await lab.host('storage2').powerOff();
    await lab.host('storage1').exec('mount -t tmpfs none /srv/apt');
    await lab.host('server3').exec(`set -e
      systemd-run --quiet --unit listener python3 -m http.server 6443
      fallocate --length 2G /var/filler
      touch /etc/systemd/system/k3s.service
      mv /usr/bin/date /usr/bin/date.real
      printf '#!/bin/sh\\nexec date.real --date "+2 minutes" "$@"\\n' >/usr/bin/date
      chmod 0755 /usr/bin/date`);
    await project.k3sCdk('synth');
    await project.init();
    const { stdout, stderr, seconds } = await failedApply();
    report(`apply with five faulty hosts: fails after ${seconds.toFixed(1)} s`);
    expectReported(stdout, {
      storage1: [
        /packages cannot be installed \(the output of 'apt_get update' is above\): check the package/,
      ],
      server2: [/user 'pi' cannot use sudo without a password: put 'pi ALL=/],
      server3: [
        /this machine is \w+, cluster.yaml takes it for \w+: set 'arch: \w+' of the host there/,
        /only \d+ MB are free in '\/', the host's roles need \d+ MB: remove files/,
        /port 6443 is in use by 'python3', the host's roles need it for 'haproxy': stop 'python3'/,
        /a k3s that is not in our records \(\/etc\/systemd\/system\/k3s.service\).*: take it off first/,
        /the clock is 1\d\d seconds ahead of that of the machine that applies: correct the wrong one/,
      ],
    });
    expect(about('server1_prepare', stderr)).toMatch(/host key|knownhosts|key mismatch/);
    expect(about('storage2_prepare', stderr)).toMatch(/timeout|no route to host/);
    // Terraform's own words have no remedy.
    expectReported(await doctor(), {
      server1: [/shows another host key than the one in known_hosts: run 'k3s-cdk init'/],
      storage2: [/cannot be reached: is it switched on and in this network\?/],
      server2: [/does not let user 'pi' use sudo without a password: put/],
      server3: [
        /this machine is/,
        /MB are free/,
        /port 6443 is in use/,
        /k3s that is not in our records/,
        /the clock is/,
      ],
    });
  },
  600_000,
);

testApply(
  'so are a missing disk, a disk without any space and a release that differs from its checksums',
  async () => {
    const { project, lab } = cluster;
    writeFileSync(project.path('known_hosts'), knownHosts);
    await lab.host('storage2').boot();
    await lab.host('storage1').exec('umount /srv/apt');
    await lab.host('server2').exec("echo 'pi ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/lab");
    await lab
      .host('server3')
      .exec(
        'systemctl stop listener; rm /var/filler /etc/systemd/system/k3s.service; mv /usr/bin/date.real /usr/bin/date',
      );
    await lab
      .host('server1')
      .exec(
        'for size in 1M 4k 1; do dd if=/dev/zero of=/var/filler bs=$size oflag=append conv=notrunc 2>/dev/null; sync; done; df / | tail -n 1',
      );
    for (const host of lab.hosts) await internet.makeTrustedBy(host).catch(() => {});
    const whole = internet.spoil(arch === 'amd64' ? 'k3s' : `k3s-${arch}`);
    const wrongDisk = { device: '/dev/disk/by-id/ata-SSD9', mount: '/srv/postgres', format: 'if-blank' };
    project.write(online({ storage1: { disks: [wrongDisk] } }));
    await project.k3sCdk('synth');
    const { stdout, stderr, seconds } = await failedApply();
    report(`apply with three faulty hosts: fails after ${seconds.toFixed(1)} s`);
    const differs =
      /the k3s binary does not have the sha256 that the release's checksum file says \(\w+\): download/;
    expectReported(stdout, {
      storage1: [
        /disk '\/dev\/disk\/by-id\/ata-SSD9' was not found .*: connect it, or correct 'disks' of the host/,
      ],
      server2: [differs],
      server3: [differs],
    });
    // Nothing can be run there that would tell.
    expect(about('server1_prepare', stderr)).toMatch(/upload/i);
    expectReported(await doctor(), { server1: [/only 0 MB are free in '\/', .*: remove files/] });
    whole();
    await lab.host('server1').exec('rm /var/filler');
    await internet.makeTrustedBy(lab.host('server1'));
  },
  600_000,
);

/** known_hosts in which one address has the key of another. */
function withKeyOf(text: string, address: string, other: string): string {
  const key = text.split('\n').find((line) => line.startsWith(`${other} `));
  if (key === undefined) throw new Error(`known_hosts has no key of ${other}:\n${text}`);
  return text.replace(new RegExp(`^${address.replaceAll('.', '\\.')} .*$`, 'm'), key.replace(other, address));
}

const withoutLeftOver = ({ 'left over': _, ...state }: Awaited<ReturnType<typeof stateOf>>) => state;

const states = () => Promise.all(cluster.lab.hosts.map(stateOf));

testApply(
  'applies that are killed in the middle of a step, one after the other, end in the same as ones that are not',
  async () => {
    const { project } = cluster;
    project.write(online());
    await project.k3sCdk('synth');
    const counts = { middle: 0, late: 0, never: 0 };
    const began = performance.now();
    for (const { step, milliseconds } of stepsToKill(project.steps())) {
      const when = await project.applyKilledIn(step, milliseconds);
      counts[when] += 1;
      expect({ step, reached: when !== 'never' }).toEqual({ step, reached: true });
    }
    report(`${JSON.stringify(counts)} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    expect(counts.middle).toBeGreaterThan(counts.late);
    const { seconds, steps } = await project.applyAfterKill();
    report(`the apply after them: ${seconds.toFixed(1)} s for ${steps.join(' ')}`);
    await cluster.fetchCa();
    await cluster.whole();
    const release = `github.com /k3s-io/k3s/releases/download/${cluster.binary.version}`;
    expect(internet.requests).toEqual(
      expect.arrayContaining([
        `${release}/sha256sum-${arch}.txt`,
        `${release}/${arch === 'amd64' ? 'k3s' : `k3s-${arch}`}`,
        'registry-1.docker.io /v2/library/postgres/manifests/17',
      ]),
    );
    const { stdout: registries } = await cluster.lab
      .host('server1')
      .exec(
        'cd /etc/rancher/k3s && stat -c %a registries.yaml && grep -o https://registry.lab.test registries.yaml',
      );
    expect(registries).toBe('600\nhttps://registry.lab.test\n');
    const plan = await project.terraform('plan', '-detailed-exitcode', '-input=false');
    expect({ status: plan.status, stderr: plan.stderr }).toEqual({ status: 0, stderr: '' });
    await whenWell(cluster);

    const [before, running] = [await states(), await services(cluster)];
    const again = await project.apply(...project.steps().map((step) => `-replace=${project.address(step)}`));
    report(`every step once more: ${again.seconds.toFixed(1)} s`);
    expect(again.steps).toEqual(expect.arrayContaining(project.steps()));
    const after = await states();
    expect(after.map(withoutLeftOver)).toEqual(before.map(withoutLeftOver));
    // What an apply that was killed has sent and not started goes with the next step that starts half a minute later.
    expect(after.map((host) => host['left over'])).toEqual(hosts.map(() => ''));
    expect(await services(cluster)).toEqual(running);
    await whenWell(cluster);
  },
  1_800_000,
);

testApply(
  'firewalls let in the cluster and nobody else, also after a reboot',
  async () => {
    const { lab } = cluster;
    const ports = {
      storage1: [5432],
      server1: [7443],
      server2: [7443],
      server3: [7443],
    };
    const stayClosed = async () => {
      // The operator is in the subnet of the hosts, which only storage and the database do not let in.
      expect(await closed(lab, ports)).toEqual({ ...ports, server1: [], server2: [], server3: [] });
      // The owner lets in SSH from anywhere, so there is a way.
      const withSsh = Object.fromEntries(
        Object.entries(ports).map(([name, numbers]) => [name, [...numbers, name === 'server2' ? 2222 : 22]]),
      );
      expect(await closedToPodAddress(lab, withSsh)).toEqual(ports);
      expect(await keepPodsAway(lab)).toEqual(['server1', 'server2', 'server3']);
      for (const server of ['server1', 'server2', 'server3']) {
        const ways = await waysOfPod(lab, server, 7443, 'storage1');
        expect({ server, ways }).toEqual({ server, ways: ['to the host', 'out', 'in as published'] });
      }
    };
    await stayClosed();
    await Promise.all(lab.hosts.map((host) => host.reboot()));
    await cluster.whole();
    await stayClosed();
    await lab.host('server2').exec('systemctl reload nftables');
    await waitFor('the tables are back', async () => (await keepPodsAway(lab)).length === 3, {
      timeout: 60_000,
      interval: 500,
    });
    await stayClosed();
    await whenWell(cluster);
  },
  900_000,
);

testApply(
  "a host of NFS alone leaves when it is said that its data stays, and its firewall is its owner's again",
  async () => {
    const { project, lab } = cluster;
    if (!kernelHasNfs) await withoutNfsServer(lab.host('storage1'));
    cluster.absent.add('storage2');
    project.write(online({ storage1: { roles: ['database', 'nfs'] } }));
    await project.k3sCdk('synth');
    const plan = await project.terraform('plan', '-input=false');
    expect(plan.status).toBe(1);
    expect(plan.stderr.replace(/\s*\n[│╷╵ ]*/g, ' ')).toContain('storage1 has none of the volumes');
    const { seconds } = await project.apply('-var', 'leave_data=true');
    report(`the NFS server moves: ${seconds.toFixed(1)} s`);
    const { stdout } = await lab
      .host('storage2')
      .exec('cat /etc/exports.d/* 2>/dev/null; ls /usr/local/lib/k3s-cdk', {
        allowFailure: true,
      });
    expect(stdout).toBe('');
    const { stdout: exports } = await lab.host('storage1').exec('cat /etc/exports.d/k3s-cdk.exports');
    for (const server of cluster.members('server')) expect(exports).toContain(`${lab.host(server).address}(`);
    expect((await firewallRules(lab, { storage2: firewalls.storage2 })).storage2).toEqual(ownRules.storage2);
    await whenWell(cluster);
  },
  600_000,
);

testApply(
  'destroy leaves firewalls as their owners have set them',
  async () => {
    const { status, stderr } = await cluster.project.terraform('destroy', '-auto-approve', '-input=false');
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(await firewallRules(cluster.lab, firewalls)).toEqual(ownRules);
  },
  600_000,
);
