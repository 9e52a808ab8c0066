import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { proxyEnv } from '../../model/proxy-env';
import type { Host, Nfs as NfsFacts, Topology } from '../../model/topology';
import { packagesEnv } from '../lib/packages-env';
import { stepScripts } from '../lib/step-scripts';
import { nfsConf } from './files/nfs-conf';
import { nfsServerDropIn } from './files/nfs-drop-in';
import { nfsExports } from './files/nfs-exports';
import { nfsPackages } from './nfs';
import run from './nfs.sh';
import uninstall from './nfs-uninstall.sh';

export interface NfsProps {
  readonly nfs: NfsFacts;
  readonly topology: Topology;
  /** Steps that make the machine ready. */
  readonly dependsOn: readonly RemoteStep[];
}

const scripts = stepScripts({ 'uninstall-nfs.sh': uninstall, 'run.sh': run });

/** The storage of the cluster: NFS 4.2 by the kernel, for the nodes only. */
export class Nfs extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { nfs, topology, dependsOn }: NfsProps) {
    super(scope, id);
    this.step = new RemoteStep(this, 'nfs', {
      host: nfs.host,
      provisioner: topology.provisioner,
      files: {
        ...scripts,
        'nfs.conf': nfsConf,
        'nfs-server.dropin': nfsServerDropIn,
        'k3s-cdk.exports': nfsExports({
          path: nfs.path,
          clients: topology.nodes,
          mount: diskUnder(nfs.host, nfs.path),
        }),
      },
      env: {
        EXPORT_PATH: nfs.path,
        ADOPT: nfs.adopt,
        ...packagesEnv(nfsPackages),
        ...proxyEnv(topology.proxy),
      },
      dependsOn,
    });
  }
}

/** Where the declared disk that holds `path` is mounted: the innermost one. */
function diskUnder(host: Host, path: string): string | undefined {
  return host.disks
    .map(({ mount }) => mount)
    .filter((mount) => path === mount || path.startsWith(`${mount}/`))
    .sort((a, b) => b.length - a.length)[0];
}
