/** Something in which the manifests differ from the release's on purpose. */
export interface KnownDifference {
  /** As the table in docs/reference/metallb.md calls it. */
  readonly what: string;
  /** What `lineOf` makes of it. */
  readonly lines: readonly RegExp[];
}

const pod = '/spec/template/spec';
const on = (object: string, path: string) => new RegExp(`^${object} ${path}`);

/** The rows of that table that a file of manifests shows. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    what: 'labels and selectors',
    lines: [
      /^\S+ \/(spec\/template\/)?metadata\/labels\/(app|component|app\.kubernetes\.io\/[-a-z]+): /,
      /^\S+ \/spec\/selector\/(matchLabels\/)?(app|component|app\.kubernetes\.io\/[-a-z]+): /,
      /env\/METALLB_ML_LABELS\/value: /,
    ],
  },
  {
    what: 'webhook rules, `fieldRef`s',
    lines: [/\/rules\/\d+\/scope: - -> \*$/, /\/fieldRef\/apiVersion: - -> v1$/],
  },
  {
    what: 'webhook `matchConditions`',
    lines: [/^ValidatingWebhookConfiguration\/\S+ \/webhooks\/[^/]+\/matchConditions\//],
  },
  {
    what: 'controller `Role`',
    lines: [
      on('Role/controller', '/rules/secrets/memberlist/list: granted -> -'),
      on('Role/controller', '/rules/metallb.io/bgppeers/watch: - -> granted'),
    ],
  },
  {
    what: '`ClusterRole`s',
    lines: [
      /^ClusterRole\/metallb-system:\w+ \/rules\/policy\/podsecuritypolicies\/\w+\/use: granted -> -$/,
      /^ClusterRole\/metallb-system:\w+ \/rules\/authentication\.k8s\.io\/tokenreviews\/create: - -> granted$/,
      /^ClusterRole\/metallb-system:\w+ \/rules\/authorization\.k8s\.io\/subjectaccessreviews\/create: - -> granted$/,
    ],
  },
  { what: 'resources', lines: [/\/containers\/[^/]+\/resources\/requests\/(cpu|memory): - -> /] },
  { what: 'priority', lines: [/\/spec\/priorityClassName: - -> system-(cluster|node)-critical$/] },
  {
    what: "controller's readiness",
    lines: [on('Deployment/controller', `${pod}/containers/controller/readinessProbe/`)],
  },
  {
    what: "controller's start",
    lines: [on('Deployment/controller', `${pod}/containers/controller/startupProbe/`)],
  },
  {
    what: "controller's security",
    lines: [
      on(
        'Deployment/controller',
        `${pod}/containers/controller/securityContext/capabilities/drop/(all|ALL): `,
      ),
      on('Deployment/controller', `${pod}/securityContext/(runAsGroup|seccompProfile/type): - -> `),
    ],
  },
  {
    what: "speaker's seccomp",
    lines: [on('DaemonSet/speaker', `${pod}/securityContext/seccompProfile/type: - -> `)],
  },
  { what: 'deprecation of `BGPPeer` v1beta1', lines: [/\/versions\/v1beta1\/deprecationWarning: /] },
  { what: '`metallb-frr-k8s.yaml`', lines: [/^\w+\/(\S+\.frrk8s\.metallb\.io|frr-k8s-\S+) : there -> -$/] },
  {
    what: 'controller `tolerations`',
    lines: [on('Deployment/controller', `${pod}/tolerations/node-role.kubernetes.io/`)],
  },
  { what: 'network policy', lines: [/^NetworkPolicy\/ingress : - -> there$/] },
  {
    what: "FRR's containers",
    lines: [
      on('DaemonSet/speaker', `${pod}/initContainers/cp-[a-z-]+/securityContext/`),
      on('DaemonSet/speaker', `${pod}/(containers/frr/volumeMounts|volumes)/frr-(tmp|lib|log)/`),
    ],
  },
  { what: 'speaker annotation', lines: [/\/annotations\/k3s-cdk\/configuration: - -> /] },
  { what: 'scrape annotations', lines: [/\/annotations\/prometheus\.io\/scheme: - -> https$/] },
  { what: "FRR's `daemons` file", lines: [on('ConfigMap/frr-startup', '/data/(daemons|frr.conf): ')] },
];
