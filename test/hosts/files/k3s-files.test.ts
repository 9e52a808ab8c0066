import { parse } from 'yaml';
import { authenticationConfig } from '../../../src/roles/k3s/files/authentication-config';
import { k3sConfig, registrationConfig } from '../../../src/roles/k3s/files/k3s-config';
import { k3sEnvironment } from '../../../src/roles/k3s/files/k3s-environment';
import { k3sUnit } from '../../../src/roles/k3s/files/k3s-unit';

const config = {
  'node-name': 'server1',
  'tls-san': ['192.168.10.5', 'k3s.home.arpa'],
  'https-listen-port': 7443,
  'node-label': ['disk=ssd'],
  'node-taint': ['dedicated=build:NoSchedule'],
  'kubelet-arg': ['feature-gates=A=true,B=false', 'quote="\'${x}'],
};

test('config.yaml says what cluster.yaml says, whatever is in the values', () => {
  const { 'node-label': _, 'node-taint': __, ...rest } = config;
  expect(parse(k3sConfig(config))).toEqual(rest);
});

test('labels and taints are in a file of their own, because they need no restart', () => {
  expect(registrationConfig(config)).toBe(
    'node-label: ["disk=ssd"]\nnode-taint: ["dedicated=build:NoSchedule"]\n',
  );
});

test.each([
  ['v1.33.9+k3s1', 'apiserver.config.k8s.io/v1beta1'],
  ['v1.34.0+k3s1', 'apiserver.config.k8s.io/v1'],
])('the authentication config of %s is of %s and allows readiness alone', (version, apiVersion) => {
  expect(parse(authenticationConfig(version))).toEqual({
    apiVersion,
    kind: 'AuthenticationConfiguration',
    anonymous: { enabled: true, conditions: [{ path: '/livez' }, { path: '/readyz' }] },
  });
});

test('stopping k3s leaves pods running', () => {
  expect(k3sUnit('agent')).toMatch(/^KillMode=process$/m);
  expect(k3sUnit('agent')).toContain('ExecStart=/usr/local/bin/k3s agent\n');
});

test('the proxy is for the internet only', () => {
  expect(k3sEnvironment({ https: 'http://proxy:3128', exceptions: ['.svc', '10.42.0.0/16'] }, {})).toBe(
    'HTTPS_PROXY=http://proxy:3128\nNO_PROXY=.svc,10.42.0.0/16\n',
  );
});
