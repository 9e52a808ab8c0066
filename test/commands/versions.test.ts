import { versionsCommand } from '../../src/commands/versions';
import { RecordingTerminal } from '../support/recording-terminal';

function run(file: string, format: 'text' | 'json' = 'text') {
  const terminal = new RecordingTerminal('');
  return { exitCode: versionsCommand({ file, format }, terminal), ...terminal };
}

test('one line for each thing, with what it is held by', () => {
  const { exitCode, printed } = run('cluster.yaml');
  expect(exitCode).toBe(0);
  expect(printed).toMatchInlineSnapshot(`
[
  "WHAT                                         THIS TOOL                                                           THIS CLUSTER",
  "k3s                                          v1.36.5+k3s1                                                        the same",
  "postgres                                     docker.io/library/postgres:17                                       the same               floating tag: hosts keep the first digest",
  "etcd                                         quay.io/coreos/etcd:v3.5.33                                         -",
  "chart cert-manager                           v1.21.2                                                             -",
  "chart headlamp                               0.45.0                                                              -",
  "chart frr-k8s                                0.0.27                                                              -",
  "metallb/controller                           quay.io/metallb/controller:v0.16.2                                  the same               by tag",
  "metallb/speaker                              quay.io/metallb/speaker:v0.16.2                                     the same               by tag",
  "frrouting/frr                                quay.io/frrouting/frr:10.5.3                                        -",
  "sig-storage/nfs-subdir-external-provisioner  registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2  @sha256:63d5e04551ec…  by digest",
  "sig-storage/nfsplugin                        registry.k8s.io/sig-storage/nfsplugin:v4.13.4                       -",
  "sig-storage/csi-provisioner                  registry.k8s.io/sig-storage/csi-provisioner:v6.3.0                  -",
  "sig-storage/csi-resizer                      registry.k8s.io/sig-storage/csi-resizer:v2.2.0                      -",
  "sig-storage/csi-node-driver-registrar        registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.17.0       -",
  "sig-storage/livenessprobe                    registry.k8s.io/sig-storage/livenessprobe:v2.19.0                   -",
  "rancher/system-upgrade-controller            docker.io/rancher/system-upgrade-controller:v0.20.1                 -",
  "rancher/kubectl                              docker.io/rancher/kubectl:v1.36.2                                   -",
]
`);
});

test('for scripts with whole digests', () => {
  const found = JSON.parse(run('cluster.yaml', 'json').printed.join('\n')) as { used?: string }[];
  expect(found.map(({ used }) => used)).toContainEqual(
    expect.stringMatching(/^registry\.k8s\.io\/sig-storage\/nfs-subdir-[-a-z]+:v[\d.]+@sha256:[a-f0-9]{64}$/),
  );
});

test('an invalid file is reported as by other commands', () => {
  expect(run('test/fixtures/broken/role-unknown.yaml')).toMatchObject({ exitCode: 1, printed: [] });
});
