import { versionsCommand } from '../../src/commands/versions';
import { RecordingTerminal } from '../support/recording-terminal';

function run(file: string) {
  const terminal = new RecordingTerminal('');
  return { exitCode: versionsCommand({ file }, terminal), ...terminal };
}

test('one line for each thing, with what it is held by', () => {
  const { exitCode, printed } = run('cluster.yaml');
  expect(exitCode).toBe(0);
  expect(printed).toMatchInlineSnapshot(`
[
  "WHAT                               THIS TOOL     THIS CLUSTER",
  "k3s                                v1.36.5+k3s1  the same",
  "postgres                           17            the same           floating",
  "etcd                               v3.5.33       -",
  "chart cert-manager                 v1.21.2       -",
  "chart headlamp                     0.45.0        -",
  "chart frr-k8s                      0.0.27        -",
  "metallb/controller                 v0.16.2       the same           by tag",
  "metallb/speaker                    v0.16.2       the same           by tag",
  "frrouting/frr                      10.5.3        -",
  "nfs-subdir-external-provisioner    v4.0.2        @sha256:63d5e045…  by digest",
  "nfsplugin                          v4.13.4       -",
  "csi-provisioner                    v6.3.0        -",
  "csi-resizer                        v2.2.0        -",
  "csi-node-driver-registrar          v2.17.0       -",
  "livenessprobe                      v2.19.0       -",
  "rancher/system-upgrade-controller  v0.20.1       -",
  "rancher/kubectl                    v1.36.2       -",
  "
floating: a tag that moves; hosts keep the digest that they pulled first",
]
`);
});

test('for scripts with whole digests', () => {
  const [{ versions } = {}] = run('cluster.yaml').reported;
  const found = versions as { used?: string }[];
  expect(found.map(({ used }) => used)).toContainEqual(
    expect.stringMatching(/^registry\.k8s\.io\/sig-storage\/nfs-subdir-[-a-z]+:v[\d.]+@sha256:[a-f0-9]{64}$/),
  );
});

test('an invalid file is reported as by other commands', () => {
  expect(run('test/fixtures/broken/role-unknown.yaml')).toMatchObject({ exitCode: 1, printed: [] });
});
