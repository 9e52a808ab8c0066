import {
  IntOrString,
  KubeSecret,
  KubeService,
  KubeValidatingWebhookConfiguration,
  type ValidatingWebhook,
} from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import { controllerLabels, namespace } from './metallb';

/** Name by which the controller finds its configuration. */
export const webhookConfigurationName = 'metallb-webhook-configuration';

/** Secret that the controller keeps its own certificate in. */
export const certificateSecret = 'metallb-webhook-cert';

/** Port of the webhook in the controller. */
export const webhookPort = 9443;

/** Name by which the CRDs and the controller refer to it. */
const serviceName = 'metallb-webhook-service';

/** How the API server reaches the controller, and an empty Secret that the controller fills. */
export class Webhook extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new KubeSecret(this, 'certificate', { metadata: { name: certificateSecret, namespace } });
    new KubeService(this, 'service', {
      metadata: { name: serviceName, namespace },
      spec: {
        selector: controllerLabels,
        ports: [{ port: 443, targetPort: IntOrString.fromNumber(webhookPort) }],
      },
    });
  }
}

/**
 * Which objects MetalLB checks before the API server stores them. Applied last, when everything else is
 * stored.
 */
export class WebhookConfiguration extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new KubeValidatingWebhookConfiguration(this, 'configuration', {
      metadata: { name: webhookConfigurationName },
      webhooks: [
        webhook('bgppeer', 'v1beta2', 'bgppeers'),
        // Peers refer to profiles, so only a deletion can do harm.
        webhook('bfdprofile', 'v1beta1', 'bfdprofiles', ['CREATE', 'DELETE']),
        webhook('bgpadvertisement', 'v1beta1', 'bgpadvertisements'),
        webhook('community', 'v1beta1', 'communities'),
        webhook('ipaddresspool', 'v1beta1', 'ipaddresspools'),
        webhook('l2advertisement', 'v1beta1', 'l2advertisements'),
      ],
    });
  }
}

/**
 * A server-side apply sends every object, changed or not. Without this condition it would fail whenever the
 * controller is not there to approve what is already stored.
 */
const changed = {
  name: 'changed',
  expression: [
    "request.operation != 'UPDATE'",
    '!has(object.spec) || !has(oldObject.spec) || object.spec != oldObject.spec',
    'object.metadata.?labels.orValue({}) != oldObject.metadata.?labels.orValue({})',
  ].join(' || '),
};

function webhook(
  kind: string,
  version: string,
  resource: string,
  operations = ['CREATE', 'UPDATE'],
): ValidatingWebhook {
  return {
    // The only name of the release with a plural in it.
    name: `${kind === 'bgppeer' ? resource : kind}validationwebhook.metallb.io`,
    clientConfig: {
      service: { name: serviceName, namespace, path: `/validate-metallb-io-${version}-${kind}` },
    },
    // The default of scope is written out, or kubectl would see a difference on every apply.
    rules: [
      { apiGroups: ['metallb.io'], apiVersions: [version], operations, resources: [resource], scope: '*' },
    ],
    matchConditions: [changed],
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
}
