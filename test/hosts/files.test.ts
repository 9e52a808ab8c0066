import { proxyEnv } from '../../src/model/proxy-env';
import { postgresContainer } from '../../src/roles/database/files/postgres-container';
import { pgHba, pgIdent, postgresqlConf } from '../../src/roles/database/files/postgresql-conf';
import { nfsExports } from '../../src/roles/nfs/files/nfs-exports';
import { sysctlConf } from '../../src/roles/prepare/files/kernel-conf';
import { prepareFiles } from '../../src/roles/prepare/prepare.step';
import { topologyWith } from '../support/topology';

test('k3s connects by client certificate over TLS, the superuser from within, nobody else', () => {
  expect(pgHba({ name: 'k3s', user: 'k3s' })).toBe(`local all postgres peer map=superuser
hostssl k3s k3s all cert
# kine looks there whether its database exists.
hostssl postgres k3s all cert
`);
  expect(pgIdent('k3s-postgres')).toBe('superuser k3s-postgres postgres\nsuperuser postgres postgres\n');
});

test('settings are quoted, and none weakens TLS or access', () => {
  const text = postgresqlConf({ log_line_prefix: "it's %m ", ssl: 'off', hba_file: '/tmp/x' });
  expect(text).toContain("log_line_prefix = 'it''s %m '\n");
  expect(text.match(/^ssl = .*$/gm)).toEqual(["ssl = 'on'"]);
  expect(text.match(/^hba_file = .*$/gm)).toEqual(["hba_file = '/etc/postgresql/pg_hba.conf'"]);
});

test('the container keeps owners, labels its volumes, and can write nowhere else', () => {
  const unit = postgresContainer({ image: 'registry.lan/postgres:17', dataDir: '/srv/pg' }).split('\n');
  expect(unit).toEqual(
    expect.arrayContaining([
      'Image=registry.lan/postgres:17',
      'Volume=/srv/pg/data:/var/lib/postgresql/data:Z',
      'Volume=/srv/pg/config:/etc/postgresql:ro,Z',
      'PodmanArgs=--userns=keep-id',
      'ReadOnly=true',
      'DropCapability=all',
    ]),
  );
});

test('an export goes to the nodes alone, and only from the mounted disk', () => {
  const clients = [{ nodeIps: ['10.0.0.11', 'fd00::11'] }, { nodeIps: ['10.0.0.11'] }];
  expect(nfsExports({ path: '/srv/nfs', clients, mount: '/srv/nfs' })).toBe(`"/srv/nfs" \\
  10.0.0.11(rw,sync,no_subtree_check,no_root_squash,mountpoint=/srv/nfs) \\
  fd00::11(rw,sync,no_subtree_check,no_root_squash,mountpoint=/srv/nfs)
`);
  expect(nfsExports({ path: '/srv/nfs', clients, mount: undefined })).not.toContain('mountpoint');
});

test('only the families that pods have are routed', () => {
  expect(sysctlConf(['10.42.0.0/16'])).not.toContain('ipv6.conf');
  expect(sysctlConf(['fd42::/56'])).not.toContain('ipv4');
  expect(sysctlConf(['10.42.0.0/16', 'fd42::/56'])).toMatch(
    /ip_forward = 1\nnet.ipv6.conf.all.forwarding = 1/,
  );
});

test('kubelets that only compare find the kernel settings that they would have set', () => {
  const conf = (sections: string) => prepareFiles(topologyWith(sections))['sysctl.conf'];
  // `setupKernelTunables` of Kubernetes, which does not start with another value.
  const wanted = `vm.overcommit_memory = 1
vm.panic_on_oom = 0
kernel.panic = 10
kernel.panic_on_oops = 1
kernel.keys.root_maxkeys = 1000000
kernel.keys.root_maxbytes = 25000000
`;
  const k3s = (rest: string) => `k3s: { version: v1.36.2+k3s1, ${rest} }`;
  expect(conf('')).not.toContain('kernel.panic');
  expect(conf(k3s('config: { protect-kernel-defaults: false }'))).not.toContain('kernel.panic');
  expect(conf(k3s('hardening: cis'))).toContain(wanted);
  expect(conf(k3s('config: { protect-kernel-defaults: true }'))).toContain(wanted);
  expect(conf(k3s('config: { kubelet-arg: --protect-kernel-defaults }'))).toContain(wanted);
});

test('without a proxy a step has no parameter for it', () => {
  expect(proxyEnv(undefined)).toEqual({});
  expect(proxyEnv({ https: 'http://p:1', exceptions: ['a', 'b'] })).toEqual({
    https_proxy: 'http://p:1',
    no_proxy: 'a,b',
  });
});
