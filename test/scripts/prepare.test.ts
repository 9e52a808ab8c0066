import { createHash } from 'node:crypto';
import { uptime } from 'node:os';
import type { Role } from '../../src/config/config';
import { kindOf } from '../../src/model/resolve';
import { prepareFiles } from '../../src/roles/prepare/prepare.step';
import { lostUninstallers } from '../../src/roles/roles';
import { hostWith } from '../support/host-with';
import { Project } from '../support/project';
import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();
const topology = new Project(`
name: lab
ssh: { user: pi }
hosts: [{ name: server1, address: 10.0.0.11, roles: [database, server] }]
k3s: { version: v1.36.2+k3s1 }
`).topology();
const {
  'sysctl.conf': sysctl,
  'modules.conf': modules,
  'network-manager.conf': networkManager,
  'uninstall-prepare.sh': uninstall,
} = prepareFiles(topology);

const parameters = {
  HOST: 'server1',
  OPERATOR_TIME: new Date().toISOString(),
  UPTIME: String(Math.floor(uptime())),
  ARCH: '',
  NODE: 'yes',
  CONTAINERS: 'yes',
  LOST: '',
  OWN_STEPS: '',
  APT_PACKAGES: 'iproute2 haproxy',
  DNF_PACKAGES: 'iproute haproxy',
  PORTS: '',
  MIN_FREE_MB: '100',
  TAKES_OVER: '',
};

/** A Debian machine that has all it needs. */
function machine(): ScriptSandbox {
  const sandbox = new ScriptSandbox(scratch());
  sandbox.stub('df', 'printf "Avail\\n5000\\n"');
  sandbox.stub('ss');
  sandbox.stub('systemctl', '[[ $* == *is-active* && $* == *chrony.service* ]]');
  sandbox.stub('dpkg-query', 'printf installed');
  sandbox.stub('apt-get');
  sandbox.stub('dpkg');
  sandbox.stub('modprobe');
  sandbox.stub('unshare');
  sandbox.stub('sysctl');
  return sandbox;
}

function prepare(
  sandbox: ScriptSandbox,
  changed: Partial<typeof parameters & { NODE_IPV6: string }> = {},
  mounts: string[] = [],
) {
  const env = Object.entries({ ...parameters, ...changed }).map(([name, value]) => `${name}='${value}'\n`);
  const files = {
    'sysctl.conf': sysctl,
    'modules.conf': modules,
    'network-manager.conf': networkManager,
    'uninstall-prepare.sh': uninstall,
    'step.env': env.join(''),
  };
  return sandbox.run('prepare.sh', files, mounts);
}

testInSandbox('a machine that has everything gets its kernel settings, and nothing on the second run', () => {
  const sandbox = machine();
  expect(prepare(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(sandbox.read('etc/sysctl.d/90-k3s-cdk.conf')).toBe(sysctl);
  expect(sandbox.calls()).toContain('sysctl --quiet --load /etc/sysctl.d/90-k3s-cdk.conf');
  expect(prepare(sandbox)).toMatchObject({ status: 0, stdout: '' });
  expect(sandbox.calls()).not.toContain('sysctl --quiet --load /etc/sysctl.d/90-k3s-cdk.conf');
});

testInSandbox('kernel settings that were placed but not applied are applied by the next run', () => {
  const sandbox = machine();
  sandbox.stub('sysctl', 'exit 1');
  expect(prepare(sandbox)).toMatchObject({ status: 1 });
  sandbox.stub('sysctl');
  expect(prepare(sandbox)).toMatchObject({ status: 0 });
  expect(sandbox.calls()).toContain('sysctl --quiet --load /etc/sysctl.d/90-k3s-cdk.conf');
});

testInSandbox.each([
  [
    'a 32-bit system',
    (sandbox: ScriptSandbox) =>
      sandbox.stub('uname', 'case $1 in -m) echo armv7l ;; *) echo server1 ;; esac'),
    {},
    "error: server1: architecture 'armv7l' is not supported: use a 64-bit ARM",
  ],
  [
    'a full disk',
    (sandbox: ScriptSandbox) => sandbox.stub('df', 'printf "Avail\\n   7\\n"'),
    {},
    "error: server1: only 7 MB are free in '/', the host's roles need 100 MB: remove files",
  ],
  [
    'a port that another program has',
    (sandbox: ScriptSandbox) =>
      sandbox.stub('ss', `echo 'LISTEN 0 1 *:6443 *:* users:(("nginx",pid=7,fd=6))'`),
    { PORTS: '6443:haproxy' },
    "error: server1: port 6443 is in use by 'nginx', the host's roles need it for 'haproxy': stop 'nginx'",
  ],
  [
    'a machine of another architecture than cluster.yaml says',
    () => {},
    { ARCH: 'amd64' },
    "error: server1: this machine is arm64, cluster.yaml takes it for amd64: set 'arch: arm64' of the host there",
  ],
  [
    'a copied or empty machine id',
    (sandbox: ScriptSandbox) => sandbox.write('etc/machine-id', 'uninitialized\n'),
    {},
    "error: server1: /etc/machine-id holds no id: run 'systemd-machine-id-setup'",
  ],
  [
    'package repositories that are down',
    (sandbox: ScriptSandbox) => {
      sandbox.stub('dpkg-query', 'exit 1');
      sandbox.stub(
        'apt-get',
        '[[ $* != *update* ]] || { echo "E: Failed to fetch http://deb.example"; exit 100; }',
      );
    },
    {},
    'E: Failed to fetch http://deb.example\nerror: server1: packages cannot be installed',
  ],
])('%s is an error that names the host, the cause and the remedy', (_, breakIt, changed, message) => {
  const sandbox = machine();
  breakIt(sandbox);
  const result = prepare(sandbox, changed);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(message);
});

describe('foreign services', () => {
  const takeOver = (sandbox: ScriptSandbox) => prepare(sandbox, { TAKES_OVER: 'k3s load-balancer nfs' });
  const own = 'defaults\n  mode http\n';
  /** haproxy and keepalived run, haproxy as its package has it. */
  const running = (...units: string[]) => {
    const sandbox = machine();
    sandbox.write('etc/haproxy/haproxy.cfg', own);
    const sum = createHash('md5').update(own).digest('hex');
    sandbox.stub(
      'dpkg-query',
      `[[ $* != *Conffiles* ]] && printf installed || printf ' /etc/haproxy/haproxy.cfg ${sum}\\n'`,
    );
    const active = ['chrony', ...units].map((unit) => `${unit}.service`).join('|');
    sandbox.stub('systemctl', `[[ $* == *is-active* && $* =~ (${active}) ]]`);
    return sandbox;
  };
  /** Everything that a machine has before the first step of ours. */
  const changes = (sandbox: ScriptSandbox) => [
    ...sandbox
      .calls()
      .filter((call) => /^(apt-get|sysctl|systemctl (start|stop|disable|enable|mask))/.test(call)),
    ...['etc/sysctl.d/90-k3s-cdk.conf', 'usr/local/lib/k3s-cdk'].filter((path) => sandbox.has(path)),
  ];

  testInSandbox.each<[string, (sandbox: ScriptSandbox) => void, string]>([
    [
      'a unit of k3s',
      (sandbox) => {
        sandbox.write('etc/systemd/system/k3s.service', '');
        sandbox.write('etc/rancher/k3s/config.yaml.d/10-own.yaml', '');
      },
      'this machine has a k3s that is not in our records (/etc/systemd/system/k3s.service, /etc/rancher/k3s/config.yaml.d/10-own.yaml), which would be taken over',
    ],
    [
      'an agent under a name of its own',
      (sandbox) => sandbox.write('etc/systemd/system/k3s-agent-blue.service', ''),
      'not in our records (/etc/systemd/system/k3s-agent-blue.service)',
    ],
    [
      'the data of a k3s that is stopped',
      (sandbox) => sandbox.write('var/lib/rancher/k3s/server/db/state.db', ''),
      'not in our records (/var/lib/rancher/k3s/server/db)',
    ],
    [
      'settings for k3s alone',
      (sandbox) => sandbox.write('etc/rancher/k3s/config.yaml.d/10-own.yaml', ''),
      "k3s would run with settings that are not in our records (/etc/rancher/k3s/config.yaml.d/10-own.yaml): remove them, or put 'k3s-cdk' into",
    ],
    [
      'a configuration of haproxy',
      (sandbox) => sandbox.write('etc/haproxy/haproxy.cfg', `${own}frontend web\n`),
      'this machine runs haproxy with a configuration that is not in our records (/etc/haproxy), which would end',
    ],
    [
      'an addition to the configuration of haproxy',
      (sandbox) => sandbox.write('etc/haproxy/conf.d/web.cfg', 'frontend web\n'),
      'this machine runs haproxy',
    ],
    [
      'a configuration of keepalived',
      (sandbox) => sandbox.write('etc/keepalived/keepalived.conf', 'vrrp_instance nas {}\n'),
      'this machine runs keepalived with a configuration that is not in our records (/etc/keepalived/keepalived.conf), which would end with its address',
    ],
  ])('%s is an error, and nothing is changed', (_, has, message) => {
    const sandbox = running('haproxy', 'keepalived');
    has(sandbox);
    const { status, stderr } = takeOver(sandbox);
    expect({ status, changes: changes(sandbox) }).toEqual({ status: 1, changes: [] });
    expect(stderr).toContain(`error: server1: `);
    expect(stderr).toContain(message);
    // Not where the machine gets nothing of the kind.
    expect(prepare(sandbox)).toMatchObject({ status: 0, stderr: '' });
  });

  testInSandbox(
    'is not what packages bring, nor what does not run, nor what is meant for this cluster',
    () => {
      const packaged = running('haproxy', 'keepalived');
      packaged.write('etc/rancher/k3s/config.yaml.d/90-k3s-cdk-own.yaml', '');
      packaged.write('etc/systemd/system/k3s-cdk-backup.service', '');
      expect(takeOver(packaged)).toMatchObject({ status: 0, stderr: '' });
      const stopped = running();
      stopped.write('etc/haproxy/haproxy.cfg', 'frontend web\n');
      stopped.write('etc/keepalived/keepalived.conf', 'vrrp_instance nas {}\n');
      expect(takeOver(stopped)).toMatchObject({ status: 0, stderr: '' });
    },
  );

  testInSandbox.each([
    ['records', ['var/lib/k3s-cdk/records/k3s', 'var/lib/k3s-cdk/records/load-balancer']],
    [
      'a step that did not end well',
      ['var/lib/k3s-cdk/records/k3s-binary.unfinished', 'var/lib/k3s-cdk/records/load-balancer.unfinished'],
    ],
    [
      'a removal that did not end well',
      ['50-k3s', '60-load-balancer'].map((name) => `usr/local/lib/k3s-cdk/uninstall.d/${name}`),
    ],
  ])('is ours by %s', (_, paths) => {
    const sandbox = running('haproxy', 'keepalived');
    for (const path of paths) sandbox.write(path, '');
    sandbox.write('etc/systemd/system/k3s.service', '');
    sandbox.write('etc/rancher/k3s/config.yaml.d/10-own.yaml', '');
    sandbox.write('etc/haproxy/haproxy.cfg', 'frontend own\n');
    sandbox.write('etc/keepalived/keepalived.conf', 'vrrp_instance own {}\n');
    expect(takeOver(sandbox)).toMatchObject({ status: 0, stderr: '' });
  });

  testInSandbox('exports of somebody else stay, with a warning that their clients need NFS 4.2', () => {
    const sandbox = machine();
    sandbox.write('etc/exports', '# none\n\n');
    expect(takeOver(sandbox)).toMatchObject({ status: 0, stderr: '' });
    sandbox.write('etc/exports.d/films.exports', '/srv/films *(ro)\n');
    sandbox.write('etc/exports.d/k3s-cdk.exports', '"/srv/nfs" 10.0.0.11(rw)\n');
    expect(takeOver(sandbox)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^warning: server1: this machine serves NFS to others already \(\/etc\/exports\.d\/films\.exports\): they keep working if/,
      ),
    });
    sandbox.write('var/lib/k3s-cdk/records/nfs', '');
    expect(takeOver(sandbox)).toMatchObject({ status: 0, stderr: '' });
  });

  testInSandbox('is known by rpm too', () => {
    const sandbox = new ScriptSandbox(scratch());
    sandbox.stub('df', 'printf "Avail\\n5000\\n"');
    sandbox.stub('ss');
    sandbox.stub('systemctl', '[[ $* == *is-active* ]]');
    sandbox.stub('dnf');
    sandbox.write('etc/haproxy/haproxy.cfg', own);
    const checked = (verify: string) => {
      sandbox.stub('rpm', `[[ $1 != --verify ]] || printf '${verify}'`);
      return prepare(sandbox, { NODE: 'no', TAKES_OVER: 'load-balancer' });
    };
    expect(checked('.......T.  c /etc/haproxy/haproxy.cfg\\n')).toMatchObject({ status: 0, stderr: '' });
    expect(checked('S.5....T.  c /etc/haproxy/haproxy.cfg\\n').stderr).toContain('runs haproxy');
  });
});

testInSandbox('the program that belongs on a port may have it', () => {
  const sandbox = machine();
  sandbox.stub('ss', `echo 'LISTEN 0 1 *:6443 *:* users:(("haproxy",pid=7,fd=6))'`);
  expect(prepare(sandbox, { PORTS: '6443:haproxy' })).toMatchObject({ status: 0 });
});

testInSandbox('a machine without a time daemon gets one started', () => {
  const sandbox = machine();
  sandbox.stub('systemctl', '[[ $1 == cat ]]');
  sandbox.stub('timedatectl');
  expect(prepare(sandbox)).toMatchObject({ status: 0 });
  expect(sandbox.calls()).toContain('timedatectl set-ntp true');
});

testInSandbox('all that the roles need is installed in one go', () => {
  const sandbox = machine();
  sandbox.stub('dpkg-query', '[[ ${*: -1} != haproxy && ${*: -1} != keepalived ]] && printf installed');
  expect(prepare(sandbox, { APT_PACKAGES: 'iproute2 haproxy keepalived' })).toMatchObject({ status: 0 });
  expect(sandbox.calls().filter((call) => call.startsWith('apt-get '))).toEqual([
    expect.stringMatching(/ update$/),
    expect.stringMatching(/ install .* haproxy keepalived$/),
  ]);
});

testInSandbox('an Enterprise Linux machine installs what it lacks by dnf', () => {
  const sandbox = new ScriptSandbox(scratch());
  sandbox.stub('df', 'printf "Avail\\n5000\\n"');
  sandbox.stub('ss');
  sandbox.stub('systemctl', '[[ $* == *chronyd.service* ]]');
  sandbox.stub('rpm', '[[ ${*: -1} != nfs-utils ]]');
  sandbox.stub('dnf');
  expect(prepare(sandbox, { NODE: 'no', DNF_PACKAGES: 'iproute nfs-utils' })).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect(sandbox.calls().filter((call) => call.startsWith('dnf '))).toEqual([
    expect.stringMatching(/ install nfs-utils$/),
  ]);
});

/** Enterprise Linux without vxlan. @param offered what the repositories have, by the pattern of the file */
function enterpriseLinux(pattern: string, offered: string) {
  const sandbox = machine();
  for (const name of ['apt-get', 'dpkg', 'dpkg-query']) sandbox.unstub(name);
  sandbox.stub('uname', 'case $1 in -n) echo server1 ;; -m) echo x86_64 ;; *) echo 6.12.0-1.el10uek ;; esac');
  sandbox.stub('unshare', `[[ -e ${'$'}{0%/*}/installed ]]`);
  sandbox.stub(
    'dnf',
    `case $* in *"--file ${pattern}") echo ${offered} ;; *install*vxlan*) touch ${'$'}{0%/*}/installed ;; esac`,
  );
  sandbox.stub('rpm', `[[ ${'$'}{*: -1} != *vxlan* ]]`);
  return sandbox;
}

testInSandbox('on Enterprise Linux the package is found by the module that is missing', () => {
  const sandbox = enterpriseLinux(
    '*/modules/6.12.0-1.el10uek/*/vxlan.ko*',
    'kernel-uek-modules-vxlan-0:6.12.x86_64',
  );
  expect(prepare(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(sandbox.calls().join('\n')).toMatch(/dnf .* install kernel-uek-modules-vxlan-0:6\.12\.x86_64/);
});

testInSandbox('an image that is older than the kernel of the repositories is told to update it', () => {
  const sandbox = enterpriseLinux('*/modules/*/vxlan.ko*', 'kernel-modules-extra-0:6.13.x86_64');
  const result = prepare(sandbox);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(
    "error: server1: kernel 6.12.0-1.el10uek lacks vxlan, which k3s needs, and the repositories have it for other kernels only: update the kernel ('dnf upgrade') and reboot the host",
  );
});

testInSandbox('control groups of version 1 end the step, but not on a host without containers', () => {
  const sandbox = machine();
  sandbox.remove('sys/fs/cgroup/cgroup.controllers');
  const result = prepare(sandbox);
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('error: server1: control groups are of version 1 here');
  expect(prepare(sandbox, { CONTAINERS: 'no', NODE: 'no' })).toMatchObject({ status: 0 });
});

describe('a node with an IPv6 address', () => {
  const node = (acceptRa: string) => {
    const sandbox = machine();
    sandbox.stub(
      'ip',
      '[[ $* != *2001:db8::11* ]] || echo "2: eth0.10    inet6 2001:db8::11/64 scope global"',
    );
    sandbox.stub('sysctl', `[[ $* != *accept_ra* ]] || echo ${acceptRa}`);
    expect(prepare(sandbox, { NODE_IPV6: '2001:db8::11' })).toMatchObject({ status: 0, stderr: '' });
    return sandbox.read('etc/sysctl.d/90-k3s-cdk.conf');
  };

  testInSandbox('goes on taking routes from routers where the kernel does that', () => {
    for (const acceptRa of ['1', '2'])
      expect(node(acceptRa)).toContain('net/ipv6/conf/eth0.10/accept_ra = 2\n');
  });

  testInSandbox('is left alone where something else does it', () => {
    expect(node('0')).toBe(sysctl);
  });
});

testInSandbox('a kernel without vxlan gets the package with its extra modules', () => {
  const sandbox = machine();
  sandbox.stub('unshare', `[[ -e ${'$'}{0%/*}/installed ]]`);
  sandbox.stub('dpkg-query', '[[ ${*: -1} != linux-modules-extra-raspi ]] && printf installed');
  sandbox.stub('apt-cache', '[[ ${*: -1} == linux-modules-extra-raspi ]]');
  sandbox.stub('apt-get', '[[ $* != *install* ]] || touch ${0%/*}/installed');
  expect(prepare(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(sandbox.calls().join('\n')).toMatch(/apt-get .* install .*linux-modules-extra-raspi/);
});

testInSandbox(
  'nm-cloud-setup is switched off, and NetworkManager leaves the interfaces of pods alone',
  () => {
    const sandbox = machine();
    sandbox.stub('systemctl', '[[ $* != *is-active* || $* == *NetworkManager* || $* == *chrony.service* ]]');
    // Of an earlier version, which replaced the owner's list.
    sandbox.write(
      'etc/NetworkManager/conf.d/k3s-cdk.conf',
      '[keyfile]\nunmanaged-devices=interface-name:cni0\n',
    );
    expect(prepare(sandbox)).toMatchObject({ status: 0 });
    expect(sandbox.calls()).toContain('systemctl disable --quiet --now nm-cloud-setup.timer');
    expect(sandbox.calls()).toContain('systemctl reload NetworkManager.service');
    expect(sandbox.read('etc/NetworkManager/conf.d/zz-k3s-cdk.conf')).toBe(networkManager);
    expect(networkManager).toContain('unmanaged-devices+=');
    expect(sandbox.has('etc/NetworkManager/conf.d/k3s-cdk.conf')).toBe(false);
  },
);

describe('a Raspberry Pi without the memory cgroup', () => {
  const pi = () => {
    const sandbox = machine();
    sandbox.write('sys/fs/cgroup/cgroup.controllers', 'cpu pids\n');
    sandbox.stub('systemd-run');
    sandbox.write(
      'boot/firmware/cmdline.txt',
      'console=tty1 cgroup_disable=memory root=PARTUUID=1 rootwait\n',
    );
    sandbox.write('boot/cmdline.txt', 'DO NOT EDIT THIS FILE\n');
    return sandbox;
  };

  testInSandbox('gets the flag on its one line and reboots once, with SSH refused until then', () => {
    const sandbox = pi();
    sandbox.write('proc/cmdline', 'cgroup_disable=memory root=PARTUUID=1\n');
    expect(prepare(sandbox, {}, ['/proc/cmdline'])).toMatchObject({ status: 0, stderr: '' });
    expect(sandbox.read('boot/firmware/cmdline.txt')).toBe(
      'console=tty1 root=PARTUUID=1 rootwait cgroup_enable=memory\n',
    );
    expect(sandbox.read('boot/cmdline.txt')).toBe('DO NOT EDIT THIS FILE\n');
    expect(sandbox.calls().slice(-2)).toEqual([
      'systemctl stop ssh.socket sshd.socket ssh.service sshd.service',
      'systemd-run --quiet --collect --on-active=3 systemctl reboot',
    ]);
  });

  const bootId = '/proc/sys/kernel/random/boot_id';
  const flag = 'root=PARTUUID=1 cgroup_enable=memory\n';

  /** A Pi that has been told to reboot, in its next boot. */
  const rebooted = (commandLine: string) => {
    const sandbox = pi();
    sandbox.write('proc/cmdline', 'cgroup_disable=memory root=PARTUUID=1\n');
    sandbox.write(bootId, 'first-boot\n');
    expect(prepare(sandbox, {}, ['/proc/cmdline', bootId])).toMatchObject({ status: 0 });
    sandbox.write('proc/cmdline', commandLine);
    sandbox.write(bootId, 'second-boot\n');
    return sandbox;
  };
  /** The step after `prepare`: a machine that suits it gets on to the release, which is missing here. */
  const next = (sandbox: ScriptSandbox) => {
    sandbox.stub('curl', 'exit 1');
    const step = {
      'step.env': "HOST='server1'\nVERSION='v1.36.2+k3s1'\nRELEASE='https://github.com/k3s-io'\n",
    };
    return sandbox.run('k3s-binary.sh', step, ['/proc/cmdline', bootId]).stderr;
  };

  testInSandbox('goes on after its reboot when it has the memory cgroup then', () => {
    const sandbox = rebooted(flag);
    sandbox.write('sys/fs/cgroup/cgroup.controllers', 'cpu memory pids\n');
    expect(next(sandbox)).toMatch(/^error: server1: the checksums of k3s .* cannot be downloaded/);
    expect(prepare(sandbox, {}, ['/proc/cmdline', bootId])).toMatchObject({ status: 0 });
    expect(sandbox.calls().join('\n')).not.toContain('systemd-run');
  });

  testInSandbox.each([
    [
      'does not know the flag',
      flag,
      "although the kernel was started with 'cgroup_enable=memory': use the kernel of",
    ],
    ['got no flag', 'root=PARTUUID=1\n', 'after a reboot for it, the kernel was started without'],
  ])('fails after its reboot, and is not rebooted again, when its kernel %s', (_, commandLine, message) => {
    const sandbox = rebooted(commandLine);
    expect(next(sandbox)).toContain(`error: server1: the memory cgroup is off ${message}`);
    const again = prepare(sandbox, {}, ['/proc/cmdline', bootId]);
    expect(again).toMatchObject({ status: 1 });
    expect(again.stderr).toContain(`error: server1: the memory cgroup is off ${message}`);
    expect(sandbox.calls().join('\n')).not.toContain('systemd-run');
  });

  testInSandbox('fails when it has not rebooted, and is told to again by the next apply', () => {
    const sandbox = rebooted('cgroup_disable=memory root=PARTUUID=1\n');
    sandbox.write(bootId, 'first-boot\n');
    expect(next(sandbox)).toContain('error: server1: the host did not reboot for the memory cgroup');
    expect(prepare(sandbox, {}, ['/proc/cmdline', bootId])).toMatchObject({ status: 0 });
    expect(sandbox.calls().join('\n')).toContain('systemd-run');
  });

  testInSandbox('is not rebooted again when its kernel does not know the flag', () => {
    const sandbox = pi();
    sandbox.write('proc/cmdline', 'root=PARTUUID=1 cgroup_enable=memory\n');
    const result = prepare(sandbox, {}, ['/proc/cmdline']);
    expect(result).toMatchObject({ status: 1 });
    expect(result.stderr).toContain(
      "the memory cgroup is off although the kernel was started with 'cgroup_enable=memory'",
    );
    expect(sandbox.calls().join('\n')).not.toContain('systemd-run');
  });
});

testInSandbox('all that is wrong with a machine is told at once, before anything is installed', () => {
  const sandbox = machine();
  sandbox.stub('df', 'printf "Avail\\n   7\\n"');
  sandbox.stub('ss', `echo 'LISTEN 0 1 *:1 *:* users:(("nginx",pid=7,fd=6))'`);
  sandbox.stub('systemctl', 'exit 1');
  sandbox.stub('timedatectl', 'echo yes');
  const result = prepare(sandbox, {
    ARCH: 'amd64',
    PORTS: '6443:haproxy 7443:k3s',
    OPERATOR_TIME: new Date(0).toISOString(),
  });
  // Only a file system of its own makes /var worth a line.
  const errors = result.stderr
    .split('\n')
    .filter((line) => line.startsWith('error: server1: ') && !line.includes("free in '/var'"));
  expect(errors.map((line) => line.slice('error: server1: '.length))).toEqual([
    expect.stringMatching(/^this machine is arm64/),
    expect.stringMatching(/^only 7 MB are free in '\/'/),
    expect.stringMatching(/^port 6443 is in use/),
    expect.stringMatching(/^port 7443 is in use/),
    expect.stringMatching(/^the clock is \d+ seconds ahead/),
  ]);
  expect(result.status).toBe(1);
  expect(sandbox.calls().filter((call) => /^(apt-get|dpkg|timedatectl set-ntp)/.test(call))).toEqual([]);
});

testInSandbox('a command that fails unexpectedly is named, and a full disk as its cause', () => {
  const sandbox = machine();
  sandbox.stub('modprobe', 'exit 1');
  sandbox.stub('install', 'echo "install: No space left on device" >&2; exit 1');
  sandbox.stub(
    'df',
    '[[ $* == *-m* ]] && printf "Avail\\n5000\\n" || printf "Avail Mounted\\n9 /\\n0 /var\\n"',
  );
  const { status, stderr } = prepare(sandbox);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /No space left on device\nerror: server1: 'install .*' failed \(its own message is above\): '\/var' is full, remove files there .*, then apply again\n$/,
  );
});

testInSandbox.each([
  ['ahead of', -120],
  ['behind', 120],
])('a clock two minutes %s the operator’s is an error', (words, offset) => {
  const sandbox = machine();
  sandbox.stub('timedatectl', 'echo yes');
  const time = new Date(Date.now() + offset * 1000).toISOString();
  const { status, stderr } = prepare(sandbox, { OPERATOR_TIME: time, UPTIME: String(Math.floor(uptime())) });
  expect(status).toBe(1);
  const [, seconds, direction] =
    /error: server1: the clock is (\d+) seconds (ahead of|behind)/.exec(stderr) ?? [];
  expect(direction).toBe(words);
  // A busy machine takes some seconds more to come to the question.
  expect(Math.abs(Number(seconds) - 120)).toBeLessThanOrEqual(60);
});

testInSandbox('a step that waited for an earlier run does not take the time for a wrong clock', () => {
  const sandbox = machine();
  const waited = { OPERATOR_TIME: new Date(Date.now() - 300_000).toISOString() };
  expect(prepare(sandbox, { ...waited, UPTIME: String(Math.floor(uptime()) - 300) })).toMatchObject({
    status: 0,
  });
});

testInSandbox('what was done to a machine is taken back, but for what others could not take off', () => {
  const sandbox = machine();
  sandbox.write('sys/fs/cgroup/cgroup.controllers', 'cpu pids\n');
  sandbox.write('boot/firmware/cmdline.txt', 'console=tty1 root=PARTUUID=1 rootwait\n');
  sandbox.stub('systemctl', '[[ $* != *is-active* || $* == *chrony.service* ]]');
  sandbox.stub('systemd-run');
  expect(prepare(sandbox)).toMatchObject({ status: 0 });
  const own = 'usr/local/lib/k3s-cdk/uninstall.d/10-prepare';
  const uninstallAll = () => sandbox.exec(`/${own}`);
  sandbox.write('usr/local/lib/k3s-cdk/uninstall.d/50-k3s', 'exit 1');
  expect(uninstallAll()).toMatchObject({ status: 0 });
  expect(sandbox.read('etc/sysctl.d/90-k3s-cdk.conf')).toBeDefined();
  sandbox.remove('usr/local/lib/k3s-cdk/uninstall.d/50-k3s');
  expect(uninstallAll()).toMatchObject({ status: 0 });
  for (const path of [
    'etc/sysctl.d/90-k3s-cdk.conf',
    'etc/modules-load.d/k3s-cdk.conf',
    own,
    'var/lib/k3s-cdk',
  ])
    expect([path, sandbox.has(path)]).toEqual([path, false]);
  expect(sandbox.read('boot/firmware/cmdline.txt')).toBe('console=tty1 root=PARTUUID=1 rootwait\n');
  expect(sandbox.calls()).toContain('systemctl enable --quiet --now nm-cloud-setup.timer');
});

/** What the step gets on a host that has only these roles now. */
const as = (...roles: Role[]) => ({
  NODE: kindOf(roles) === 'none' ? 'no' : 'yes',
  LOST: lostUninstallers(hostWith(...roles), topology).join(' '),
});

testInSandbox('a host that is no node any more loses k3s, a node keeps it', () => {
  const sandbox = machine();
  for (const name of ['50-k3s', '60-load-balancer', '40-database'])
    sandbox.program(`usr/local/lib/k3s-cdk/uninstall.d/${name}`, `touch /run/ran-${name}`);
  expect(prepare(sandbox)).toMatchObject({ status: 0 });
  expect(sandbox.has('run/ran-50-k3s')).toBe(false);
  expect(prepare(sandbox, as('database'))).toMatchObject({ status: 0 });
  const ran = ['50-k3s', '60-load-balancer', '40-database'].map((name) => sandbox.has(`run/ran-${name}`));
  expect(ran).toEqual([true, true, false]);
});

testInSandbox('a server that becomes an agent loses its load balancer first, and not yet k3s', () => {
  const sandbox = machine();
  for (const name of ['50-k3s', '60-load-balancer'])
    sandbox.program(`usr/local/lib/k3s-cdk/uninstall.d/${name}`, `touch /run/ran-${name}`);
  expect(prepare(sandbox, as('agent', 'database'))).toMatchObject({ status: 0 });
  expect(['50-k3s', '60-load-balancer'].map((name) => sandbox.has(`run/ran-${name}`))).toEqual([false, true]);
});

testInSandbox('a host that loses a role keeps its others; a database in use is stopped by none of it', () => {
  const names = ['42-etcd', '45-database-backup', '40-database', '42-nfs'];
  const ran = (changed: object) => {
    const sandbox = machine();
    for (const name of names)
      sandbox.program(`usr/local/lib/k3s-cdk/uninstall.d/${name}`, `echo "$*" >/run/ran-${name}`);
    expect(prepare(sandbox, changed)).toMatchObject({ status: 0 });
    return Object.fromEntries(names.map((name) => [name, sandbox.read(`run/ran-${name}`)?.trim()]));
  };
  expect(ran(as('server'))).toEqual({
    '45-database-backup': 'unless-used',
    '40-database': 'unless-used',
  });
  expect(ran(as('database'))).toEqual({});
  expect(ran(as())).toEqual({
    '42-etcd': 'unless-used',
    '45-database-backup': 'unless-used',
    '40-database': 'unless-used',
  });
});

testInSandbox('a database that is in use stays, and the operator is told', () => {
  const sandbox = machine();
  sandbox.program('usr/local/lib/k3s-cdk/uninstall.d/40-database', 'echo "20 clients use it" >&2; exit 1');
  const { status, stderr } = prepare(sandbox, as('server'));
  expect(status).toBe(1);
  expect(stderr).toMatch(/20 clients use it\n.*40-database' fails/);
});
