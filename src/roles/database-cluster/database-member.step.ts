import { Construct } from 'constructs';
import { proxyEnv } from '../../hosts/proxy-env';
import { RemoteStep } from '../../hosts/remote-step';
import { databaseServiceUser } from '../../model/database';
import { settingsOfData } from '../../model/fixed-settings';
import { databaseSecrets, patroniSecrets, replicationSecrets } from '../../model/secrets';
import type { DatabaseCluster, Host, Topology } from '../../model/topology';
import { databasePackages } from '../database/database';
import uninstall from '../database/database-uninstall.sh';
import { pgHba, pgIdent, postgresqlConf } from '../database/files/postgresql-conf';
import container from '../database/lib-database-container.sh';
import settings from '../database/lib-database-settings.sh';
import userLibrary from '../database/lib-database-user.sh';
import kine from '../database/lib-kine.sh';
import postgres from '../database/lib-postgres.sh';
import { loadedImage } from '../database/loaded-image.step';
import { knownTokensEnv } from '../lib/known-tokens';
import folders from '../lib/lib-folders.sh';
import packages from '../lib/lib-packages.sh';
import token from '../lib/lib-token.sh';
import { packagesEnv } from '../lib/packages-env';
import { stepScripts } from '../lib/step-scripts';
import { settingsGuardEnv } from '../settings-guard';
import databaseHost from './database_host.py';
import run from './database-member.sh';
import promote from './database-promote.sh';
import switchover from './database-switchover.sh';
import etcdLeader from './etcd_leader.py';
import { etcdMembers, otherPatronis, patroniConfig, patroniDynamicConfig } from './files/patroni-config';
import { patroniContainer } from './files/patroni-container';
import { containerfile } from './files/patroni-containerfile';
import fullDisk from './full_disk.py';
import etcdKeys from './lib-etcd-keys.sh';
import older from './lib-older-etcd.sh';
import patroni from './lib-patroni.sh';
import patroniCluster from './lib-patroni-cluster.sh';
import patroniData from './lib-patroni-data.sh';
import patroniImage from './lib-patroni-image.sh';
import patroniRest from './patroni_rest.py';

export interface DatabaseMemberProps {
  readonly host: Host;
  readonly topology: Topology;
  readonly cluster: DatabaseCluster;
  /** The machine is ready, etcd has been started on its hosts, and so has the database host before this one. */
  readonly dependsOn: readonly RemoteStep[];
  /** The machine is ready, which is all that the image waits for. */
  readonly base: readonly RemoteStep[];
}

const scripts = {
  ...stepScripts,
  'lib-folders.sh': folders,
  'lib-packages.sh': packages,
  'lib-database-user.sh': userLibrary,
  'lib-database-container.sh': container,
};

/** One of several database hosts: Postgres, run by Patroni, in a rootless podman container. */
export class DatabaseMember extends Construct {
  readonly step: RemoteStep;

  constructor(
    scope: Construct,
    id: string,
    { host, topology, cluster, dependsOn, base }: DatabaseMemberProps,
  ) {
    super(scope, id);
    const { database, databases, k3s, provisioner, proxy } = topology;
    const secrets = databaseSecrets(host);
    const env = {
      DATA_DIR: database.dataDir,
      IMAGE: cluster.image,
      SERVICE_USER: databaseServiceUser,
      ...packagesEnv(databasePackages),
      ...proxyEnv(proxy),
    };
    const image = loadedImage(this, 'database-image', { host, topology, scripts, env, dependsOn: base });
    this.step = new RemoteStep(this, 'database', {
      host,
      provisioner,
      files: {
        ...scripts,
        'lib-postgres.sh': postgres,
        'lib-kine.sh': kine,
        'lib-token.sh': token,
        'lib-database-settings.sh': settings,
        'lib-etcd-keys.sh': etcdKeys,
        'lib-older-etcd.sh': older,
        'lib-patroni.sh': patroni,
        'lib-patroni-cluster.sh': patroniCluster,
        'lib-patroni-data.sh': patroniData,
        'lib-patroni-image.sh': patroniImage,
        'run.sh': run,
        'uninstall-database.sh': uninstall,
        'switchover.sh': switchover,
        'promote.sh': promote,
        'database_host.py': databaseHost,
        'etcd_leader.py': etcdLeader,
        'full_disk.py': fullDisk,
        'patroni_rest.py': patroniRest,
        'k3s-postgres.container': patroniContainer(cluster.image, database.dataDir),
        Containerfile: containerfile,
        'patroni-dynamic.yml': patroniDynamicConfig(database),
        // For Postgres to check the settings by, before Patroni gets them.
        'postgresql.conf': postgresqlConf(database.settings),
        'pg_hba.conf': pgHba(database),
        'pg_ident.conf': pgIdent(databaseServiceUser),
      },
      hostFiles: {
        'patroni.yml': patroniConfig(host, topology, cluster),
      },
      env: {
        ...env,
        DOWNLOAD: k3s.artifacts === undefined ? 'yes' : 'no',
        BASE: cluster.built ? database.image : '',
        DATABASE: database.name,
        ROLE: database.user,
        SETTINGS: settingsOfData(topology),
        FIRST: host === databases[0],
        HOSTS: databases.length,
        ETCD: etcdMembers(topology.quorum, cluster).join(' '),
        OTHERS: otherPatronis(host, topology, cluster).join(' '),
        QUORUM: topology.quorum.includes(host),
      },
      lateEnv: { ...knownTokensEnv, ...settingsGuardEnv },
      upload: {
        folder: secrets.folder,
        hashed: [secrets, replicationSecrets(host), patroniSecrets(host)].flatMap(({ hashed }) => hashed),
        remedy: `run 'npx k3s-cdk init'`,
      },
      dependsOn: [...dependsOn, ...image],
    });
  }
}
