import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import { portMounted } from '../nfs/ports';
import run from './nfs-client.sh';

export interface NfsClientProps {
  readonly host: Host;
  readonly storage: NonNullable<Topology['storage']>;
  readonly provisioner: Topology['provisioner'];
  /** Steps that make the machine and the NFS server ready. */
  readonly dependsOn: readonly RemoteStep[];
}

const files = stepScripts({ 'run.sh': run });

/** Checks that a node can mount the storage. Only the end of the apply waits for it. */
export class NfsClient extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, storage, provisioner, dependsOn }: NfsClientProps) {
    super(scope, id);
    this.step = new RemoteStep(this, 'nfs-client', {
      host,
      provisioner,
      files,
      env: {
        NFS_SERVER: storage.server,
        NFS_PATH: storage.path,
        NFS_PORT: portMounted(storage.mountOptions),
        NFS_OPTIONS: [...storage.mountOptions, 'ro', 'soft', 'timeo=50', 'retrans=2'].join(','),
      },
      dependsOn,
    });
  }
}
