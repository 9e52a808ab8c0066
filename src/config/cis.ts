/** Where servers have the files that `hardening: cis` adds. */
export const hardeningFiles = {
  admission: '/etc/rancher/k3s/admission.yaml',
  auditPolicy: '/etc/rancher/k3s/audit-policy.yaml',
  auditLog: '/var/lib/rancher/k3s/server/logs/audit.log',
} as const;

/** What a control of the CIS Kubernetes Benchmark 2.1 requires of a setting. */
export interface Requirement {
  /** Number of the control, or what else requires it. */
  readonly control: string;
  /** What nodes get. Undefined: k3s does it by default, and users may only undo it. */
  readonly value?: string | boolean;
  /** Whether a value meets it, as ours does. */
  readonly fulfilled: (value: string) => boolean;
}

export type Requirements = Readonly<Record<string, Requirement>>;

const isTrue = (value: string) => value === 'true';
const isFalse = (value: string) => value === 'false';
const isOneOf =
  (...values: string[]) =>
  (value: string) =>
    values.includes(value);
const matches = (form: RegExp) => (value: string) => form.test(value);
const hasAllOf = (names: readonly string[]) => (value: string) =>
  names.every((name) => value.split(',').includes(name));
const hasNoneOf = (names: readonly string[]) => (value: string) =>
  !names.some((name) => value.split(',').includes(name));
const positive = matches(/^0*[1-9]\d*$/);
const notZero = matches(/[1-9]/);
const absolutePath = matches(/^\//);
const ownAddress = matches(/^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost)(:\d+)?$/);

/** Plugins beside those that kube-apiserver has on by itself. */
const admissionPlugins = ['NodeRestriction', 'EventRateLimit', 'DenyServiceExternalIPs'];
const cannotGo = [...admissionPlugins, 'NamespaceLifecycle', 'PodSecurity', 'ServiceAccount'];

/** With forward secrecy and authenticated encryption, for TLS 1.2; those of TLS 1.3 cannot be configured. */
const ciphers = [
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
];
const strong = (value: string) => value.split(',').every((name) => strongCipher.test(name));
const strongCipher =
  /^TLS_(ECDHE_(ECDSA|RSA)_WITH_)?(AES_(128|256)_GCM_SHA(256|384)|CHACHA20_POLY1305(_SHA256)?)$/;

/** Keys of k3s itself. */
export const cisKeys: Requirements = {
  'disable-network-policy': { control: '5.3.1', fulfilled: isFalse },
  'enable-pprof': { control: '1.2.15', fulfilled: isFalse },
  'protect-kernel-defaults': {
    control: "k3s's guide",
    value: true,
    fulfilled: isTrue,
  },
  'secrets-encryption': { control: '1.2.27', value: true, fulfilled: isTrue },
  'write-kubeconfig-mode': { control: '1.1.13', fulfilled: matches(/^0?[0246]00$/) },
};

/** Arguments of the components, by the key of k3s that lists them. */
export const cisArguments: Readonly<Record<string, Requirements>> = {
  'kube-apiserver-arg': {
    'admission-control-config-file': {
      control: '5.2.1',
      value: hardeningFiles.admission,
      fulfilled: isOneOf(hardeningFiles.admission),
    },
    'audit-log-maxage': { control: '1.2.17', value: '30', fulfilled: positive },
    'audit-log-maxbackup': { control: '1.2.18', value: '10', fulfilled: positive },
    'audit-log-maxsize': { control: '1.2.19', value: '100', fulfilled: positive },
    'audit-log-path': { control: '1.2.16', value: hardeningFiles.auditLog, fulfilled: absolutePath },
    'audit-policy-file': { control: '3.2.1', value: hardeningFiles.auditPolicy, fulfilled: absolutePath },
    'authorization-mode': { control: '1.2.6', fulfilled: isOneOf('Node,RBAC', 'RBAC,Node') },
    'disable-admission-plugins': {
      control: '1.2.12',
      fulfilled: hasNoneOf(cannotGo),
    },
    'enable-admission-plugins': {
      control: '1.2.9',
      value: admissionPlugins.join(','),
      fulfilled: (value) => hasAllOf(admissionPlugins)(value) && hasNoneOf(['AlwaysAdmit'])(value),
    },
    profiling: { control: '1.2.15', fulfilled: isFalse },
    'request-timeout': { control: '1.2.20', fulfilled: notZero },
    'service-account-extend-token-expiration': { control: '1.2.30', value: 'false', fulfilled: isFalse },
    'service-account-lookup': { control: '1.2.21', fulfilled: isTrue },
    'tls-cipher-suites': { control: '1.2.29', fulfilled: strong },
    'token-auth-file': { control: '1.2.2', fulfilled: () => false },
  },
  'kube-controller-manager-arg': {
    'bind-address': { control: '1.3.7', fulfilled: ownAddress },
    profiling: { control: '1.3.2', fulfilled: isFalse },
    'terminated-pod-gc-threshold': { control: '1.3.1', value: '100', fulfilled: positive },
    'use-service-account-credentials': { control: '1.3.3', fulfilled: isTrue },
  },
  'kube-scheduler-arg': {
    'bind-address': { control: '1.4.2', fulfilled: ownAddress },
    profiling: { control: '1.4.1', fulfilled: isFalse },
  },
  'kubelet-arg': {
    'anonymous-auth': { control: '4.2.1', fulfilled: isFalse },
    'authorization-mode': { control: '4.2.2', fulfilled: isOneOf('Webhook') },
    'event-qps': { control: '4.2.8', value: '50', fulfilled: matches(/^\d+$/) },
    'make-iptables-util-chains': { control: '4.2.6', fulfilled: isTrue },
    'pod-max-pids': { control: '4.2.13', value: '4096', fulfilled: positive },
    'protect-kernel-defaults': { control: "k3s's guide", fulfilled: isTrue },
    'read-only-port': { control: '4.2.4', fulfilled: isOneOf('0') },
    'rotate-certificates': { control: '4.2.10', fulfilled: isTrue },
    'seccomp-default': { control: '4.2.14', value: 'true', fulfilled: isTrue },
    'streaming-connection-idle-timeout': { control: '4.2.5', value: '5m', fulfilled: notZero },
    'tls-cipher-suites': { control: '4.2.12', value: ciphers.join(','), fulfilled: strong },
  },
  'kube-proxy-arg': {
    'metrics-bind-address': { control: '4.3.1', fulfilled: ownAddress },
  },
};

/** An argument of a component, as k3s takes it: `name=value`, or `name` for true. */
export function argumentOf(text: string | number | boolean): {
  readonly name: string;
  readonly value: string;
} {
  const [, name = '', value = 'true'] = /^-*([^=]*)(?:=(.*))?$/s.exec(String(text)) ?? [];
  return { name, value };
}
