import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { etcdDataFolder, etcdFolder, quorumServiceUser } from '../../model/database-cluster';
import { proxyEnv } from '../../model/proxy-env';
import { etcdSecrets } from '../../model/secrets';
import type { DatabaseCluster, Host, Topology } from '../../model/topology';
import { podmanRegistries } from '../database/files/podman-registries';
import { loadedImage } from '../database/loaded-image.step';
import { packagesEnv } from '../lib/packages-env';
import { stepScripts } from '../lib/step-scripts';
import { etcdPackages } from './database-cluster';
import run from './etcd.sh';
import uninstall from './etcd-uninstall.sh';
import { etcdContainer, etcdMembersList, peerUrl } from './files/etcd-units';
import { etcdMembers } from './files/patroni-config';

export interface EtcdProps {
  readonly host: Host;
  readonly topology: Topology;
  readonly cluster: DatabaseCluster;
  /** The machine is ready, and so is the member before this one. */
  readonly dependsOn: readonly RemoteStep[];
  /** The machine is ready, which is all that the image waits for. */
  readonly base: readonly RemoteStep[];
}

const scripts = stepScripts({
  'run.sh': run,
  'uninstall-etcd.sh': uninstall,
});

/** A member of etcd in a rootless podman container, with its data on disk. */
export class Etcd extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, cluster, dependsOn, base }: EtcdProps) {
    super(scope, id);
    const { database, databases, quorum, provisioner, proxy, k3s } = topology;
    const { folder, hashed } = etcdSecrets(host);
    const env = {
      DATA_DIR: etcdFolder,
      DATABASE_DIR: databases.includes(host) ? database.dataDir : '',
      SERVICE_USER: quorumServiceUser,
      IMAGE: cluster.etcd.image,
      ...packagesEnv(etcdPackages),
      ...proxyEnv(proxy),
    };
    const image = loadedImage(this, 'etcd-image', { host, topology, env, dependsOn: base });
    this.step = new RemoteStep(this, 'etcd', {
      host,
      provisioner,
      files: {
        ...scripts,
        ...podmanRegistries(k3s.registries, cluster.etcd.image),
      },
      hostFiles: {
        'k3s-etcd.container': etcdContainer(host, topology, cluster),
      },
      env: {
        ...env,
        DOWNLOAD: k3s.artifacts === undefined ? 'yes' : 'no',
        ETCD_DATA: etcdDataFolder(host, topology),
        MEMBERS: etcdMembersList(quorum, cluster),
        PEER_URL: peerUrl(host, cluster),
        ENDPOINTS: etcdMembers(quorum, cluster)
          .map((member) => `https://${member}`)
          .join(','),
        FIRST: host === databases.at(-1),
      },
      upload: { folder, hashed, remedy: `run 'k3s-cdk init'` },
      dependsOn: [...dependsOn, ...image],
    });
  }
}
