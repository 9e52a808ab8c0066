import { cisArguments } from '../../src/config/cis';
import { agentKeys, clusterWideKeys, ownedKeys, serverKeys } from '../../src/config/k3s-keys';
import type { KnownSettings } from '../../src/config/known-setting';
import { k3sServer } from '../../src/config/known-settings/k3s';
import { k3sAgent } from '../../src/config/known-settings/k3s-agent';
import { kubeApiserver } from '../../src/config/known-settings/kube-apiserver';
import { kubeControllerManager } from '../../src/config/known-settings/kube-controller-manager';
import { kubeProxy } from '../../src/config/known-settings/kube-proxy';
import { kubeScheduler } from '../../src/config/known-settings/kube-scheduler';
import { kubelet } from '../../src/config/known-settings/kubelet';
import { postgres } from '../../src/config/known-settings/postgres';
import { componentFlags, k3sKeys, postgresSettings } from '../../tools/known-settings';

const asObject = (settings: ReadonlyMap<string, unknown>) => Object.fromEntries(settings);

test('keys of k3s are read from its help, with what they take', () => {
  const help = `OPTIONS:
   --config FILE, -c FILE            (config) Load configuration from FILE
   -v value                          (logging) Number for the log level verbosity (default: 0)
   --tls-san value [ --tls-san value ]  (listener) Add additional hostnames
   --flannel-backend value           (networking) Backend (valid values: 'none', 'host-gw' (default: "vxlan")
   --egress-selector-mode value      (networking) One of 'agent', 'disabled' (default: "agent")
   --selinux                         (agent/node) Enable SELinux in containerd (default: false)
   --help, -h                        show help
`;
  expect(asObject(k3sKeys(help))).toEqual({
    config: { type: 'text' },
    v: { type: 'text' },
    'tls-san': { type: 'list' },
    'flannel-backend': { type: 'text', values: ['none', 'host-gw'] },
    'egress-selector-mode': { type: 'text', values: ['agent', 'disabled'] },
    selinux: { type: 'bool' },
  });
});

test('flags of a component are read from its help, and where a text is wrapped, from no other line', () => {
  const help = `Misc flags:

      --audit-log-maxage int           Days. Not
                                       --this one.
      --event-ttl duration             Time (default 1h0m0s)
  -v, --v Level                        number for the log level
      --profiling                      Enable it (default true)
      --authorization-mode strings     Ordered list
      --version version[=true]         prints it
`;
  expect(asObject(componentFlags(help))).toEqual({
    'audit-log-maxage': { type: 'int' },
    'event-ttl': { type: 'duration' },
    v: { type: 'int' },
    profiling: { type: 'bool' },
    'authorization-mode': { type: 'text' },
  });
});

test('settings of Postgres are read from its own view, by the names that files have', () => {
  const csv = `TimeZone,string,,,,,user
shared_buffers,integer,8kB,16,1073741823,,postmaster
wal_level,enum,,,,minimal replica logical,postmaster
block_size,integer,,8192,8192,,internal
jit,bool,,,,,user
`;
  expect(asObject(postgresSettings(csv))).toEqual({
    timezone: { type: 'text' },
    shared_buffers: { type: 'int', unit: '8kB', min: 16, max: 1073741823 },
    wal_level: { type: 'text', values: ['minimal', 'replica', 'logical'] },
    block_size: { type: 'int', min: 8192, max: 8192, readOnly: true },
    jit: { type: 'bool' },
  });
});

test('every key that k3s lists is assigned to an owner', () => {
  const undecided = (keys: KnownSettings, allowed: ReadonlySet<string>) =>
    Object.keys(keys).filter(
      (key) => !allowed.has(key) && !Object.hasOwn(ownedKeys, key) && !key.startsWith('etcd-'),
    );
  expect(undecided(k3sServer, serverKeys)).toEqual([]);
  expect(undecided(k3sAgent, agentKeys)).toEqual([]);
  expect([...clusterWideKeys].filter((key) => agentKeys.has(key))).toEqual([]);
});

test('the lists have what this tool sets itself', () => {
  const lists: Readonly<Record<string, KnownSettings>> = {
    'kube-apiserver-arg': kubeApiserver,
    'kube-controller-manager-arg': kubeControllerManager,
    'kube-proxy-arg': kubeProxy,
    'kube-scheduler-arg': kubeScheduler,
    'kubelet-arg': kubelet,
  };
  for (const [key, requirements] of Object.entries(cisArguments))
    expect([key, Object.keys(requirements).filter((name) => !(name in (lists[key] ?? {})))]).toEqual([
      key,
      [],
    ]);
  expect(Object.keys(postgres).length).toBeGreaterThan(300);
});
