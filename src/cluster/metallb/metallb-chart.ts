import type { Construct } from 'constructs';
import type { Images } from '../../model/images';
import type { Metallb } from '../../model/metallb';
import { ManifestChart } from '../manifest-chart';
import { Account } from '../rbac';
import { Controller } from './controller';
import { application, metricsPort, namespace } from './metallb';
import { Permissions } from './permissions';
import { Speaker } from './speaker';
import { Webhook, WebhookConfiguration, webhookPort } from './webhook';

export interface MetallbChartProps {
  readonly cluster: string;
  readonly metallb: Metallb;
  readonly images: Images;
}

/** MetalLB: a controller that hands out addresses and a speaker on every node that announces them. */
export class MetallbChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, metallb, images }: MetallbChartProps) {
    // Speakers use the network of their host and raw sockets.
    // The last one is the webhook of frr-k8s, by the name that its chart gives it.
    const openPorts = [metricsPort, webhookPort, ...(metallb.backend === 'frr-k8s' ? ['webhook'] : [])];
    super(scope, id, {
      application,
      cluster,
      namespace: { name: namespace, podSecurity: 'privileged', openPorts },
    });
    const controller = new Account(this, 'controller-account', { name: 'controller', namespace });
    const speaker = new Account(this, 'speaker-account', { name: 'speaker', namespace });
    new Permissions(this, 'permissions', { controller, speaker, backend: metallb.backend });
    new Webhook(this, 'webhook');
    new Controller(this, 'controller', { metallb, images, account: controller });
    new Speaker(this, 'speaker', { metallb, images, account: speaker });
    new WebhookConfiguration(this, 'webhook-configuration');
  }
}
