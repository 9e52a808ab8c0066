import { IntOrString, KubeDeployment, type Probe } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { Images } from '../../model/images';
import type { Metallb } from '../../model/metallb';
import { fromField } from '../environment';
import { restrictedContainer, restrictedPod } from '../pod-security';
import type { Account } from '../rbac';
import { resources } from '../resources';
import { bgpType } from './bgp-type';
import {
  controllerLabels,
  controlPlaneTolerations,
  memberlistSecret,
  metricsPort,
  namespace,
  scrapeAnnotations,
} from './metallb';
import { probes } from './probes';
import { certificateSecret, webhookPort } from './webhook';

export interface ControllerProps {
  readonly metallb: Metallb;
  readonly images: Images;
  readonly account: Account;
}

/** Name of the Deployment; the controller owns the memberlist Secret through it. */
const name = 'controller';

const { livenessProbe } = probes();

/**
 * At first the controller waits for a Secret that it has written. The kubelet looks at a pod's Secrets every 60 to 90 seconds
 * (`syncFrequency` and up to a half more), and whenever a probe's result changes: so the controller counts as started late enough
 * for the Secret to be there, on a slow machine too, and before its fifth look, which comes 15 to 30 seconds after the first
 * (`ensureCertsMounted` of open-policy-agent/cert-controller rests twice as long each time).
 */
const hasWrittenItsCertificate: Probe = {
  ...livenessProbe,
  initialDelaySeconds: 15,
  periodSeconds: 2,
  failureThreshold: 150,
};

/**
 * The release reports ready before it checks pools. Until it does check, the API server rejects changes of
 * pools for lack of an answer.
 */
const checksPools: Probe = {
  tcpSocket: { port: IntOrString.fromString('webhook-server') },
  periodSeconds: 5,
};

/** Hands out addresses and checks configuration. One pod: the speakers keep announcing without it. */
export class Controller extends Construct {
  constructor(scope: Construct, id: string, { metallb, images, account }: ControllerProps) {
    super(scope, id);
    new KubeDeployment(this, 'deployment', {
      metadata: { name, namespace, labels: controllerLabels },
      spec: {
        revisionHistoryLimit: 3,
        selector: { matchLabels: controllerLabels },
        template: {
          metadata: { labels: controllerLabels, annotations: scrapeAnnotations },
          spec: {
            serviceAccountName: account.name,
            priorityClassName: 'system-cluster-critical',
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: controlPlaneTolerations,
            terminationGracePeriodSeconds: 0,
            securityContext: { ...restrictedPod, fsGroup: 65534 },
            containers: [
              {
                name: 'controller',
                image: images.metallbController,
                args: [
                  `--port=${metricsPort}`,
                  `--log-level=${metallb.logLevel}`,
                  ...(metallb.loadBalancerClass === undefined
                    ? []
                    : [`--lb-class=${metallb.loadBalancerClass}`]),
                ],
                env: [
                  fromField('METALLB_POD_NAME', 'metadata.name'),
                  { name: 'METALLB_ML_SECRET_NAME', value: memberlistSecret },
                  { name: 'METALLB_DEPLOYMENT', value: name },
                  ...bgpType(metallb.backend),
                ],
                ports: [
                  { name: 'metricshttps', containerPort: metricsPort },
                  { name: 'webhook-server', containerPort: webhookPort, protocol: 'TCP' },
                ],
                startupProbe: hasWrittenItsCertificate,
                livenessProbe,
                readinessProbe: checksPools,
                resources: resources('10m', '64Mi'),
                securityContext: restrictedContainer,
                volumeMounts: [
                  { name: 'cert', mountPath: '/tmp/k8s-webhook-server/serving-certs', readOnly: true },
                ],
              },
            ],
            volumes: [{ name: 'cert', secret: { secretName: certificateSecret, defaultMode: 0o644 } }],
          },
        },
      },
    });
  }
}
