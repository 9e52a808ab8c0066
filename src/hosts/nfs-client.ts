import { Construct } from 'constructs';
import type { Host, Nfs, Topology } from '../model/topology';
import { RemoteStep } from './remote-step';
import run from './scripts/nfs-client.sh';
import { stepScripts } from './step-scripts';

export interface NfsClientProps {
  readonly host: Host;
  readonly nfs: Nfs;
  readonly provisioner: Topology['provisioner'];
  /** Steps that make the machine and the NFS server ready. */
  readonly dependsOn: readonly RemoteStep[];
}

const files = { ...stepScripts, 'run.sh': run };

/** Proves that a node can mount the storage. Nothing waits for it but the end of the apply. */
export class NfsClient extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, nfs, provisioner, dependsOn }: NfsClientProps) {
    super(scope, id);
    this.step = new RemoteStep(this, 'nfs-client', {
      host,
      provisioner,
      files,
      env: { NFS_SERVER: nfs.server, NFS_PATH: nfs.path },
      dependsOn,
    });
  }
}
