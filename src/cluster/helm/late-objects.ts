import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { anyUpgrades, type HelmUpgrades } from '../../model/helm-upgrades';
import { toYaml } from '../yaml';
import { helmNamespace, upgradeFields } from './helm-chart';

/**
 * A chart with one template, which prints the objects that its values list:
 *
 *     {{- range .Values.objects }}
 *     ---
 *     {{ toYaml . }}
 *     {{- end }}
 *
 * Made by `tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=0644 --format=ustar`, `gzip -n9`.
 */
export const objectsChart =
  'H4sIAAAAAAACA+3UzYrCMBDA8Z7zFHmBprG2Cl59B2GP0Q2u0g9pYmEpfXfT3S6KFy9FVvn/ckiYBEKYmdTbo915l6y/TOPVtymLaHI6WGTZzxzcz1rn2XU9xGdpvkgjqaMnODtvmnD9FI+8fdyLMKfDxjbuUFcr2aaiMqVdyfq3KET7tzNTWmkR4e2MqU68LU+F8dYlY2TCv+Bh/y/nd/2fh0H/P0PXxbIx1d5KtTHF2To15l/2vYjjWHSd9PVHqAWphtBw3lafw5LmAQAAAAAAAAAAAAAA+Acu4BidFAAoAAA=';

export interface LateObjectsProps {
  /** Name of the release. */
  readonly name: string;
  /** Namespace of the objects that name none. */
  readonly targetNamespace: string;
  readonly objects: readonly object[];
  /** Of this cluster's k3s: `helmUpgrades(topology.k3s.version)`. @default - as any k3s can */
  readonly upgrades?: HelmUpgrades | undefined;
}

/**
 * Objects of kinds that another HelmChart defines. Applied directly they would be rejected until that chart is
 * installed; for a separate release, Helm retries until it is, and removes the objects again when this is removed.
 * An older k3s, which cannot retry a failed release, reinstalls it: the first attempt may fail half-way while the
 * chart's webhook does not answer yet, but the objects that this removes are created again.
 */
export class LateObjects extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { name, targetNamespace, objects, upgrades = anyUpgrades }: LateObjectsProps,
  ) {
    super(scope, id);
    new ApiObject(this, 'chart', {
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChart',
      metadata: { name, namespace: helmNamespace },
      spec: {
        chartContent: objectsChart,
        targetNamespace,
        ...(upgrades.failurePolicy === 'retry' && upgradeFields(upgrades)),
        valuesContent: toYaml({ objects }),
      },
    });
  }
}
