import { cisArguments, cisKeys, hardeningFiles } from '../../src/config/cis';
import { hardening } from '../../src/model/hardening';
import type { Topology } from '../../src/model/topology';
import { nodeConfig } from '../../src/roles/k3s/node-config';
import { topologyWith } from '../support/topology';

const hardened = (config = '{}') =>
  topologyWith(`k3s: { version: v1.36.2+k3s1, hardening: cis, config: ${config} }`);
const ofServer = (topology: Topology) => topology.servers.map((host) => nodeConfig(topology, host))[0] ?? {};
const ofAgent = (topology: Topology) => topology.agents.map((host) => nodeConfig(topology, host))[0] ?? {};

test('a hardened server gets every setting of the benchmark beside ours', () => {
  const config = ofServer(hardened());
  expect(config).toMatchObject({ 'protect-kernel-defaults': true, 'secrets-encryption': true });
  expect(config['kube-apiserver-arg']).toEqual(
    expect.arrayContaining([
      'authentication-config=/etc/rancher/k3s/authentication.yaml',
      `audit-policy-file=${hardeningFiles.auditPolicy}`,
      `admission-control-config-file=${hardeningFiles.admission}`,
    ]),
  );
  expect(config['kube-controller-manager-arg']).toContain('terminated-pod-gc-threshold=100');
});

test('a hardened agent gets what agents know, or it would not start', () => {
  const plain = ofAgent(topologyWith(''));
  expect(Object.keys(ofAgent(hardened())).filter((key) => !(key in plain))).toEqual([
    'protect-kernel-defaults',
    'kubelet-arg',
  ]);
  expect(ofAgent(hardened())['kubelet-arg']).toEqual(ofServer(hardened())['kubelet-arg']);
});

test('without hardening nothing of it is there', () => {
  expect(hardening(undefined)).toEqual({});
  expect(ofServer(topologyWith(''))).not.toHaveProperty('kubelet-arg');
});

test("a user's argument replaces ours, or adds to its list", () => {
  const config = ofServer(
    hardened(
      '{ kubelet-arg: [pod-max-pids=900], kube-apiserver-arg: [enable-admission-plugins+=AlwaysPullImages] }',
    ),
  );
  expect(config['kubelet-arg']).toContain('pod-max-pids=900');
  expect(config['kubelet-arg']).not.toContain('pod-max-pids=4096');
  expect(config['kube-apiserver-arg']).toEqual(
    expect.arrayContaining([
      'enable-admission-plugins=NodeRestriction,EventRateLimit,DenyServiceExternalIPs',
      'enable-admission-plugins+=AlwaysPullImages',
    ]),
  );
});

test('what we set fulfils what we ask for', () => {
  const all = [cisKeys, ...Object.values(cisArguments)].flatMap((requirements) =>
    Object.entries(requirements),
  );
  const wrong = all.filter(([, { value, fulfilled }]) => value !== undefined && !fulfilled(String(value)));
  expect(wrong).toEqual([]);
});

test.each([
  ['kube-apiserver-arg', 'disable-admission-plugins', 'PersistentVolumeLabel', true],
  ['kube-apiserver-arg', 'disable-admission-plugins', 'PersistentVolumeLabel,PodSecurity', false],
  [
    'kube-apiserver-arg',
    'enable-admission-plugins',
    'DenyServiceExternalIPs,X,EventRateLimit,NodeRestriction',
    true,
  ],
  ['kube-apiserver-arg', 'enable-admission-plugins', 'NodeRestriction,EventRateLimit', false],
  ['kube-apiserver-arg', 'request-timeout', '0s', false],
  ['kube-apiserver-arg', 'request-timeout', '2m', true],
  ['kube-apiserver-arg', 'token-auth-file', '/tokens', false],
  ['kube-apiserver-arg', 'audit-log-maxage', '0', false],
  ['kubelet-arg', 'tls-cipher-suites', 'TLS_AES_128_GCM_SHA256', true],
  ['kubelet-arg', 'tls-cipher-suites', 'TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA', false],
  ['kubelet-arg', 'streaming-connection-idle-timeout', '0', false],
  ['kube-proxy-arg', 'metrics-bind-address', '127.0.0.1:10249', true],
  ['kube-proxy-arg', 'metrics-bind-address', '0.0.0.0:10249', false],
])('%s %s=%s fulfils its control: %s', (list, name, value, fulfils) => {
  expect(cisArguments[list]?.[name]?.fulfilled(value)).toBe(fulfils);
});
