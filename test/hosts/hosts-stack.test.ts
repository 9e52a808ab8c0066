import { SynthesizedHosts } from '../support/hosts-stack';
import { Project } from '../support/project';

const cluster = (extra = '') => `
name: lab
ssh: { user: pi, privateKey: ~/.ssh/id }
hosts:
  - name: storage1
    address: 10.0.0.10
    roles: [database, nfs]
    disks: [{ device: /dev/disk/by-id/a, mount: /srv/postgres, format: if-blank }]
  - { name: server1, address: 10.0.0.11, roles: [server] }
  - { name: 2nd, address: 10.0.0.12, roles: [agent], ssh: { user: admin, port: 2222 } }
k3s: { version: v1.36.2+k3s1 }
${extra}`;

const hosts = (extra?: string) => new SynthesizedHosts(new Project(cluster(extra)).topology());

/** Triggers of steps that are there before and after, and changed. */
function changes(before: SynthesizedHosts, after: SynthesizedHosts): string[] {
  return before
    .ids()
    .filter((id) => after.ids().includes(id))
    .flatMap((id) =>
      Object.entries(before.byId(id).triggers)
        .filter(([name, value]) => after.byId(id).triggers[name] !== value)
        .map(([name]) => `${id} ${name}`),
    );
}

test('storage waits for its own machine only, and a mount test for both ends', () => {
  const stack = hosts();
  expect(stack.before('storage1_prepare')).toEqual(['terraform_data.departures']);
  expect(stack.before('storage1_firewall')).toEqual(['storage1_prepare']);
  expect(stack.before('storage1_disks')).toEqual(['storage1_prepare']);
  expect(stack.before('storage1_database')).toEqual(['storage1_disks']);
  expect(stack.before('storage1_nfs')).toEqual(['storage1_disks']);
  expect(stack.before('server1_nfs-client')).toEqual([
    'server1_firewall',
    'server1_prepare',
    'storage1_firewall',
    'storage1_nfs',
  ]);
});

test('a server waits for the firewalls between it and its database, its binary for none', () => {
  const stack = hosts();
  expect(stack.before('server1_k3s-binary')).toEqual(['server1_prepare']);
  expect(stack.before('server1_k3s')).toEqual(
    expect.arrayContaining(['server1_firewall', 'storage1_firewall', 'storage1_database']),
  );
});

test('a host installs the packages of all of its roles in its first step', () => {
  const packages = (id: string) =>
    /APT_PACKAGES='([^']*)'/.exec(hosts('api: { address: 10.0.0.5 }').commands(id))?.[1];
  expect(packages('storage1_prepare')).toBe(
    'ca-certificates iproute2 openssl util-linux podman uidmap dbus-user-session',
  );
  expect(packages('server1_prepare')).toBe(
    'ca-certificates iproute2 openssl util-linux nftables haproxy keepalived curl nfs-common',
  );
  expect(packages('host_2nd_prepare')).toBe(
    'ca-certificates iproute2 openssl util-linux nftables curl nfs-common',
  );
});

test('a name that starts with a digit becomes an id that Terraform takes', () => {
  expect(hosts().ids()).toContain('host_2nd_prepare');
});

test('a host is reached as its own SSH settings say', () => {
  expect(hosts().byId('host_2nd_prepare').connection).toMatchObject({
    host: '10.0.0.12',
    user: 'admin',
    port: 2222,
    private_key: '${file(pathexpand("~/.ssh/id"))}',
  });
});

test('a private key beside cluster.yaml is found by Terraform, which runs in the folder of the stack', () => {
  const key = (path: string) => {
    const project = new Project(cluster().replace('~/.ssh/id', path));
    return new SynthesizedHosts(project.topology()).byId('server1_prepare').connection.private_key;
  };
  expect(key('keys/id')).toBe('${file(pathexpand("../../../keys/id"))}');
  expect(key('/etc/id')).toBe('${file(pathexpand("/etc/id"))}');
});

test('a key of the SSH agent is the first that Terraform offers', () => {
  const project = new Project(cluster().replace('~/.ssh/id', 'keys/id.pub'));
  const { connection } = new SynthesizedHosts(project.topology()).byId('host_2nd_prepare');
  expect(connection).toMatchObject({
    agent: 'true',
    agent_identity: '${pathexpand("../../../keys/id.pub")}',
  });
  expect(connection).not.toHaveProperty('private_key');
});

test('no step takes more than three SSH connections', () => {
  const stack = hosts('proxy: { http: "http://proxy:3128" }');
  const many = stack.ids().filter((id) => stack.overSsh(id).length > 3);
  expect(many).toEqual([]);
});

test('only the first step of a host asks for what steps need and compares clocks', () => {
  const stack = hosts();
  for (const id of stack.ids()) {
    const first = id.endsWith('_prepare');
    expect([id, stack.commands(id).includes('sudo -n true')]).toEqual([id, first]);
    expect([id, stack.commands(id).includes('(timestamp()')]).toEqual([id, first]);
  }
});

test('a missing certificate fails the plan with the command that makes it', () => {
  const [precondition, ...rest] = hosts().byId('storage1_database').lifecycle?.precondition ?? [];
  expect(rest).toEqual([]);
  expect(precondition?.error_message).toBe(
    "Host 'storage1' needs 'secrets/hosts/storage1/database/ca.crt', " +
      "'secrets/hosts/storage1/database/server.crt': run 'k3s-cdk init'.",
  );
});

test('the hash of a private key is in no trigger', () => {
  const stack = hosts();
  for (const id of stack.ids()) expect(JSON.stringify(stack.byId(id).triggers)).not.toContain('.key');
});

test.each([
  ['settings: { work_mem: 5MB }', 'reload'],
  ['settings: { shared_buffers: 1GB }', 'restart'],
  ['image: docker.io/library/postgres:17.6', 'config restart'],
])('database: { %s } changes the database alone, and the plan says: %s', (change, triggers) => {
  const [before, after] = [hosts(), hosts(`database: { ${change} }`)];
  const expected = triggers.split(' ').map((name) => `storage1_database ${name}`);
  expect(changes(before, after).filter((line) => !line.includes('_database-backup '))).toEqual(expected);
});

test('an air gap brings the image along first and downloads nothing', () => {
  const stack = hosts().commands('storage1_database');
  expect(stack).toContain("DOWNLOAD='yes'");
  const gap = new SynthesizedHosts(
    new Project(cluster().replace('k3s: {', 'k3s: { artifacts: ./art,')).topology(),
  );
  expect(gap.before('storage1_database')).toContain('storage1_database-image');
  expect(gap.commands('storage1_database')).toContain("DOWNLOAD='no'");
  expect(gap.overSsh('storage1_database-image')[1]?.file?.source).toMatch(/\/art\/podman$/);
});

test('a proxy reaches the steps that download, with the cluster itself excepted', () => {
  const stack = hosts('proxy: { http: "http://proxy:3128", noProxy: [.lan] }');
  for (const id of ['storage1_prepare', 'storage1_database', 'storage1_nfs', 'storage1_disks'])
    expect(stack.commands(id)).toContain("https_proxy='http://proxy:3128'");
  expect(stack.commands('storage1_database')).toMatch(/no_proxy='[^']*10\.42\.0\.0\/16[^']*\.lan'/);
  expect(hosts().commands('storage1_database')).not.toContain('proxy=');
});

test('hosts of the same roles share one folder', () => {
  const topology = new Project(
    cluster().replace('k3s: {', '  - { name: agent3, address: 10.0.0.13, roles: [agent] }\nk3s: {'),
  ).topology();
  const stack = new SynthesizedHosts(topology);
  const source = (id: string) => /\$\{local\.step_files.*\}/.exec(stack.commands(id))?.[0];
  expect(source('agent3_firewall')).toBe(source('host_2nd_firewall'));
  expect(source('agent3_firewall')).not.toBe(source('server1_firewall'));
  expect(source('agent3_prepare')).toBe(source('storage1_prepare'));
});
