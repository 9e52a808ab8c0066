import type { Construct } from 'constructs';
import { ManifestChart } from '../manifest-chart';
import { csiProvisioner } from './csi-provisioner';
import { namespace, type ProvisionerProps } from './provisioner';
import { subdirProvisioner } from './subdir-provisioner';

export interface NfsChartProps extends ProvisionerProps {
  readonly cluster: string;
}

const provisioners = { subdir: subdirProvisioner, csi: csiProvisioner };

/** Volumes on the NFS server, by the provisioner that cluster.yaml asks for. */
export class NfsChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, storage, images }: NfsChartProps) {
    const { application, podSecurity, build } = provisioners[storage.provisioner];
    super(scope, id, { application, cluster, namespace: { name: namespace, podSecurity, openPorts: [] } });
    build(this, { storage, images });
  }
}
