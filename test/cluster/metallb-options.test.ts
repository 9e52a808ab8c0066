import { stringify } from 'yaml';
import { synthCluster } from '../../src/cluster/cluster-app';
import { KubernetesSchemas } from '../../src/kubernetes/schemas';
import { byId, manifestsOf } from '../support/manifests';
import { topologyWith } from '../support/topology';

const metallb = 'metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }] }';
const pod = '/spec/template/spec';
const container = `${pod}/containers/0`;
const add = (path: string, value: unknown) => ({ op: 'add', path, value });
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });

/** Values of MetalLB's chart without a key in cluster.yaml, as docs/reference/metallb.md says to set them: object, operations. */
const options: readonly [value: string, id: string, operations: readonly object[]][] = [
  ['imagePullSecrets', 'ServiceAccount/speaker', [add('/imagePullSecrets', [{ name: 'registry' }])]],
  [
    'controller.serviceAccount.annotations',
    'ServiceAccount/controller',
    [add('/metadata/annotations', { 'example.net/a': 'b' })],
  ],
  ['tls.minVersion', 'Deployment/controller', [add(`${container}/args/-`, '--tls-min-version=VersionTLS12')]],
  [
    'tls.speakerMetricsTLSSecret',
    'DaemonSet/speaker',
    [
      add(`${container}/args/-`, '--metrics-cert-dir=/etc/metrics'),
      add(`${container}/volumeMounts/-`, { name: 'metrics', mountPath: '/etc/metrics', readOnly: true }),
      add(`${pod}/volumes/-`, { name: 'metrics', secret: { secretName: 'metrics' } }),
    ],
  ],
  [
    'prometheus.metricsPort',
    'Deployment/controller',
    [replace(`${container}/args/0`, '--port=9999'), replace(`${container}/ports/0/containerPort`, 9999)],
  ],
  [
    'controller.webhookMode',
    'Deployment/controller',
    [add(`${container}/args/-`, '--webhook-mode=disabled')],
  ],
  ['controller.strategy', 'Deployment/controller', [add('/spec/strategy', { type: 'Recreate' })]],
  ['controller.nodeSelector', 'Deployment/controller', [add(`${pod}/nodeSelector/disk`, 'ssd')]],
  [
    'controller.tolerations',
    'Deployment/controller',
    [add(`${pod}/tolerations/-`, { key: 'dedicated', operator: 'Exists' })],
  ],
  [
    'controller.affinity',
    'Deployment/controller',
    [add(`${pod}/affinity`, { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } })],
  ],
  ['controller.priorityClassName', 'Deployment/controller', [replace(`${pod}/priorityClassName`, 'high')]],
  ['controller.runtimeClassName', 'Deployment/controller', [add(`${pod}/runtimeClassName`, 'gvisor')]],
  [
    'controller.podAnnotations',
    'Deployment/controller',
    [add('/spec/template/metadata/annotations/example.net~1a', 'b')],
  ],
  ['controller.labels', 'Deployment/controller', [add('/spec/template/metadata/labels/a', 'b')]],
  [
    'controller.extraContainers',
    'Deployment/controller',
    [add(`${pod}/containers/-`, { name: 'b', image: 'b:1' })],
  ],
  ['speaker.resources', 'DaemonSet/speaker', [add(`${container}/resources/limits`, { memory: '128Mi' })]],
  ['speaker.livenessProbe', 'DaemonSet/speaker', [replace(`${container}/livenessProbe/failureThreshold`, 5)]],
  ['speaker.updateStrategy', 'DaemonSet/speaker', [add('/spec/updateStrategy', { type: 'OnDelete' })]],
  ['controller.revisionHistoryLimit', 'Deployment/controller', [replace('/spec/revisionHistoryLimit', 10)]],
  [
    'speaker.gratuitousARPInterval',
    'DaemonSet/speaker',
    [add(`${container}/args/-`, '--gratuitous-arp-interval=60')],
  ],
  [
    'speaker.bgpDebounceTimeout',
    'DaemonSet/speaker',
    [add(`${container}/env/-`, { name: 'METALLB_BGP_DEBOUNCE_TIMEOUT', value: '1500' })],
  ],
  [
    'speaker.memberlist.mlBindPort',
    'DaemonSet/speaker',
    [
      add(`${container}/env/-`, { name: 'METALLB_ML_BIND_PORT', value: '7999' }),
      replace(`${container}/ports/1/containerPort`, 7999),
      replace(`${container}/ports/2/containerPort`, 7999),
    ],
  ],
  [
    'crds.validationFailurePolicy',
    'ValidatingWebhookConfiguration/metallb-webhook-configuration',
    [replace('/webhooks/0/failurePolicy', 'Ignore')],
  ],
];

test.each(options)("%s of MetalLB's chart can be set by a patch", (_, id, operations) => {
  const [kind, name] = id.split('/');
  const { files } = synthCluster(
    topologyWith(`${metallb}\n${stringify({ patches: [{ kind, name, operations }] })}`),
  );
  const object = byId(manifestsOf(files), id);
  expect(new KubernetesSchemas('v1.36.2+k3s1').check(object)).toEqual([]);
  expect(object).not.toEqual(byId(manifestsOf(synthCluster(topologyWith(metallb)).files), id));
});
