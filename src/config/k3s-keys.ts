import { k3sServer } from './known-settings/k3s';
import { k3sAgent } from './known-settings/k3s-agent';

const token = "'k3s-cdk init' makes the token, and takes one of yours from 'secrets/k3s-token'";
const agentToken = "'k3s-cdk init' makes the token, and takes one of yours from 'secrets/k3s-agent-token'";

/**
 * Keys of k3s's config file that the topology sets, and where cluster.yaml sets them instead. Setting one
 * under `config` would break what the rest of the cluster relies on.
 */
export const ownedKeys: Readonly<Record<string, string>> = {
  'advertise-address': "it follows from 'nodeIps'",
  'advertise-port': "set 'api.port'",
  'agent-token': agentToken,
  'agent-token-file': agentToken,
  'apiserver-bind-address': 'the load balancer needs it as it is',
  'apiserver-port': 'the load balancer needs it as it is',
  'bind-address': 'the load balancer needs it as it is',
  'cluster-cidr': "set 'network.pods'",
  'cluster-dns': "it is the tenth address of 'network.services'",
  'cluster-init': 'the datastore is Postgres, not etcd',
  'cluster-reset': 'the datastore is Postgres, not etcd',
  'cluster-reset-restore-path': 'the datastore is Postgres, not etcd',
  config: 'the file is written by this tool',
  'data-dir': 'the host steps rely on its default',
  'datastore-cafile': "it follows from the role 'database', or 'database.external'",
  'datastore-certfile': "it follows from the role 'database', or 'database.external'",
  'datastore-endpoint': "it follows from the role 'database', or 'database.external'",
  'datastore-keyfile': "it follows from the role 'database', or 'database.external'",
  disable: "set 'addons', 'metallb' and 'nfs', which decide what k3s leaves out",
  'disable-agent': 'servers are nodes too: give them a taint to keep pods off',
  'disable-apiserver': 'every server runs all of the control plane',
  'disable-controller-manager': 'every server runs all of the control plane',
  'disable-etcd': 'the datastore is Postgres, not etcd',
  'disable-scheduler': 'every server runs all of the control plane',
  'flannel-iface': "it is found from the address of the host: set 'nodeIps' for another one",
  'https-listen-port': "set 'api.port'",
  'lb-server-port': 'the load balancer needs it as it is',
  'node-ip': "set 'nodeIps' of the host",
  'node-label': "set 'labels' of the host",
  'node-name': "set 'name' of the host",
  'node-taint': "set 'taints' of the host",
  rootless: 'the host steps run k3s as root',
  server: "it follows from 'api'",
  'service-cidr': "set 'network.services'",
  'supervisor-port': 'the load balancer needs it as it is',
  token,
  'token-file': token,
  'with-node-id': "the name of a node is 'name' of its host",
  // The short names that k3s has for some of these.
  c: 'the file is written by this tool',
  d: 'the host steps rely on its default',
  i: "set 'nodeIps' of the host",
  s: "it follows from 'api'",
  t: token,
};

/**
 * Keys that must be the same on all servers (k3s `CriticalControlArgs`). With an external datastore k3s does
 * not compare them, so they are allowed only in `k3s.config`.
 */
export const clusterWideKeys: ReadonlySet<string> = new Set([
  'cluster-domain',
  'disable-cloud-controller',
  'disable-helm-controller',
  'disable-kube-proxy',
  'disable-network-policy',
  'egress-selector-mode',
  'embedded-registry',
  'flannel-backend',
  'flannel-external-ip',
  'flannel-ipv6-masq',
  'secrets-encryption',
  'secrets-encryption-provider',
  'service-node-port-range',
  'servicelb-namespace',
  'supervisor-metrics',
]);

/** Keys of releases newer than the lists, and k3s's aliases of keys. */
const laterAgentKeys = ['airgap-extra-registry'];
const laterServerKeys = ['kine-tls', 'kube-cloud-controller-arg', 'kube-controller-arg'];

/** Whether cluster.yaml sets a key elsewhere, or, like those of etcd, not at all. */
export const isOwned = (key: string) => Object.hasOwn(ownedKeys, key) || key.startsWith('etcd-');

/**
 * Keys that `k3s agent` knows, without the owned ones. An agent refuses to start with any other key in its
 * config file; a server warns and continues (`pkg/configfilearg/parser.go`).
 */
export const agentKeys: ReadonlySet<string> = new Set(
  [...Object.keys(k3sAgent), ...laterAgentKeys].filter((key) => !isOwned(key)),
);

/** All keys that cluster.yaml may set for a server. */
export const serverKeys: ReadonlySet<string> = new Set(
  [...Object.keys(k3sServer), ...laterAgentKeys, ...laterServerKeys].filter((key) => !isOwned(key)),
);

/** Arguments of kube-apiserver that the load balancer's readiness check depends on. */
export const ownedApiserverArguments: readonly string[] = [
  'anonymous-auth',
  'authentication-config',
  'advertise-port',
  'secure-port',
  'bind-address',
];
