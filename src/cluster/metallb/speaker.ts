import { createHash } from 'node:crypto';
import { KubeConfigMap, KubeDaemonSet, type PodSpec } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { Images } from '../../model/images';
import type { Metallb } from '../../model/metallb';
import { memberlistPort } from '../../roles/metallb/ports';
import { fromField } from '../environment';
import { restrictedContainer } from '../pod-security';
import type { Account } from '../rbac';
import { resources } from '../resources';
import { bgpType } from './bgp-type';
import { Frr } from './frr';
import {
  controlPlaneTolerations,
  memberlistSecret,
  metricsPort,
  namespace,
  scrapeAnnotations,
  speakerLabels,
} from './metallb';
import { probes } from './probes';

export interface SpeakerProps {
  readonly metallb: Metallb;
  readonly images: Images;
  readonly account: Account;
}

const excludeConfigMap = 'metallb-excludel2';

/** Announces addresses from every node. */
export class Speaker extends Construct {
  constructor(scope: Construct, id: string, props: SpeakerProps) {
    super(scope, id);
    const { metallb, images } = props;
    const excluded = metallb.speaker.excludeInterfaces;
    const configuration = `announcedInterfacesToExclude: ${JSON.stringify(excluded)}\n`;
    if (excluded.length > 0) {
      new KubeConfigMap(this, 'exclude-interfaces', {
        metadata: { name: excludeConfigMap, namespace },
        data: { 'excludel2.yaml': configuration },
      });
    }
    const frr = metallb.backend === 'frr' ? new Frr(this, 'frr', images) : undefined;
    new KubeDaemonSet(this, 'daemon-set', {
      metadata: { name: 'speaker', namespace, labels: speakerLabels },
      spec: {
        selector: { matchLabels: speakerLabels },
        template: {
          metadata: {
            labels: speakerLabels,
            // It reads the list only when it starts: a changed list has to restart it.
            annotations: { ...scrapeAnnotations, 'k3s-cdk/configuration': hash(configuration) },
          },
          spec: frr ? frr.join(podSpec(props)) : podSpec(props),
        },
      },
    });
  }
}

function podSpec({ metallb, images, account }: SpeakerProps): PodSpec {
  const { speaker, backend, logLevel, loadBalancerClass } = metallb;
  const excludes = speaker.excludeInterfaces.length > 0;
  return {
    serviceAccountName: account.name,
    priorityClassName: 'system-node-critical',
    hostNetwork: true,
    nodeSelector: { 'kubernetes.io/os': 'linux', ...speaker.nodeSelector },
    tolerations: [...controlPlaneTolerations, ...speaker.tolerations],
    terminationGracePeriodSeconds: 2,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'speaker',
        image: images.metallbSpeaker,
        args: [
          `--port=${metricsPort}`,
          `--log-level=${logLevel}`,
          ...(loadBalancerClass === undefined ? [] : [`--lb-class=${loadBalancerClass}`]),
          ...(speaker.ignoreExcludeLB ? ['--ignore-exclude-lb'] : []),
        ],
        env: [
          fromField('METALLB_NODE_NAME', 'spec.nodeName'),
          fromField('METALLB_POD_NAME', 'metadata.name'),
          fromField('METALLB_HOST', 'status.hostIP'),
          fromField('METALLB_ML_BIND_ADDR', 'status.podIP'),
          { name: 'METALLB_ML_LABELS', value: labelSelector(speakerLabels) },
          { name: 'METALLB_ML_SECRET_KEY_PATH', value: '/etc/ml_secret_key' },
          ...bgpType(backend),
        ],
        ports: [
          { name: 'metricshttps', containerPort: metricsPort },
          { name: 'memberlist-tcp', containerPort: memberlistPort },
          { name: 'memberlist-udp', containerPort: memberlistPort, protocol: 'UDP' },
        ],
        ...probes('127.0.0.1'),
        resources: resources('10m', '64Mi'),
        securityContext: {
          ...restrictedContainer,
          // ARP and NDP need raw sockets.
          capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
        },
        volumeMounts: [
          { name: 'memberlist', mountPath: '/etc/ml_secret_key', readOnly: true },
          ...(excludes ? [{ name: excludeConfigMap, mountPath: '/etc/metallb', readOnly: true }] : []),
          { name: 'memberlist-config', mountPath: '/etc/metallb/memberlist', readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'memberlist', secret: { secretName: memberlistSecret, defaultMode: 0o644 } },
      ...(excludes
        ? [{ name: excludeConfigMap, configMap: { name: excludeConfigMap, defaultMode: 0o444 } }]
        : []),
      { name: 'memberlist-config', configMap: { name: 'metallb-memberlist-config', optional: true } },
    ],
  };
}

function labelSelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
