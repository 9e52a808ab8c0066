import { k3sBinary } from '../k3s-binary';
import { Lab } from '../lab';
import { leftovers } from '../leftovers';
import { makeArtifacts } from '../support/artifacts';
import { measured } from '../support/measured';
import { canApply, Project, testApply } from '../support/project';
import { denials } from '../support/selinux';
import { usualTools } from '../support/tools';

const name = `test-enterprise-${process.pid}`;
const address = '10.85.0.11';
let lab: Lab;
let project: Project;

const measure = <T>(what: string, run: () => Promise<T>) => measured(what, () => lab, run);
const said = async (script: string) => (await lab.host('el1').exec(script)).stdout.trim();

beforeAll(async () => {
  if (!canApply) return;
  const binary = await k3sBinary();
  await measure('a bare machine boots', async () => {
    lab = await Lab.up({
      name,
      kind: 'vm',
      hosts: [{ name: 'el1', addresses: [`${address}/24`], system: 'el' }],
    });
  });
  project = new Project(lab, usualTools);
  await makeArtifacts(project.path('artifacts'), binary, { arch: 'amd64', compressed: true });
  project.writeCluster({
    hosts: [{ name: 'el1', address, arch: 'amd64', roles: ['database', 'nfs', 'server'] }],
    api: { address: '10.85.0.5' },
    k3s: { version: binary.version, artifacts: './artifacts' },
  });
});

afterAll(async () => {
  await lab?.down();
  expect(leftovers(name)).toEqual([]);
});

testApply(
  'it is a machine with the names of Enterprise Linux, enforcing from its first process on',
  async () => {
    expect(await said('. /etc/os-release; echo "$ID"; getenforce; command -v dnf apt-get dpkg || true')).toBe(
      'ol\nEnforcing\n/usr/bin/dnf',
    );
    expect(await said('systemctl is-active firewalld NetworkManager auditd')).toBe('active\nactive\nactive');
    expect(await said('lsmod | grep -cE "^(br_netfilter|vxlan) " || true')).toBe('0');
  },
);

testApply('doctor has nothing against it but what a lab lacks', async () => {
  await project.k3sCdk('init', '--yes');
  const { stdout, status } = await measure('doctor', () =>
    project.k3sCdkResult('doctor', '--timeout', '600'),
  );
  expect({ stdout, status }).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^[✔!] el1 .*Oracle/m),
  });
});

testApply('dnf brings packages and modules of the kernel, and what runs then runs confined', async () => {
  await project.k3sCdk('synth');
  await project.init();
  const steps = ['database', 'nfs', 'firewall'].map((step) => `-target=${project.address(`el1_${step}`)}`);
  await measure('apply up to the database', () => project.apply(...steps));
  expect(await said('rpm -q --qf "%{NAME}\\n" podman nfs-utils container-selinux')).toBe(
    'podman\nnfs-utils\ncontainer-selinux',
  );
  expect(await said('rpm -qa --qf "%{NAME}\\n" "kernel-uek*" | sort')).toBe(
    'kernel-uek-modules-extra\nkernel-uek-modules-extra-netfilter',
  );
  expect(await said('ps -eo label:60,comm | grep " postgres$" | sort -u')).toMatch(
    /^system_u:system_r:container_t:s0:c\d+,c\d+ +postgres$/,
  );
  expect(await denials(lab, 'el1')).toEqual([]);
});

testApply('Postgres, NFS and the firewall are back after a reboot, and nothing was denied', async () => {
  const host = lab.host('el1');
  await measure('reboot', () => host.reboot());
  await measure('Postgres answers', () =>
    host.exec(
      'until [ -S "/run/user/$(id -u k3s-postgres)/bus" ] && ss -Hltn "sport = :5432" | grep -q .; do sleep 1; done',
    ),
  );
  const inContainer =
    'cd / && sudo runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres) podman exec k3s-postgres';
  const { stdout } = await lab.ssh('el1', `${inContainer} psql -XAtq -h /tmp -U postgres -c 'SELECT 1'`);
  expect(stdout).toBe('1\n');
  expect(await said('getenforce; systemctl is-active nfs-server firewalld; exportfs -s')).toMatch(
    /^Enforcing\nactive\nactive\n\/srv\/nfs /,
  );
  expect(await said('firewall-cmd --get-active-policies')).toMatch(/^k3s-cdk/m);
  expect(await denials(lab, 'el1')).toEqual([]);
});
