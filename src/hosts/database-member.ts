import { Construct } from 'constructs';
import { databaseServiceUser } from '../model/database';
import { settingsOfData } from '../model/fixed-settings';
import { databaseSecrets, memberSecrets } from '../model/secrets';
import type { DatabaseCluster, Host, Topology } from '../model/topology';
import { broughtImage } from './brought-image';
import { etcdMembers, guardConfig, patroniConfig, patroniDynamicConfig } from './files/patroni-config';
import { patroniContainer } from './files/patroni-container';
import { containerfile } from './files/patroni-containerfile';
import { pgHba, pgIdent, postgresqlConf } from './files/postgresql-conf';
import { knownTokensEnv } from './known-tokens';
import { databasePackages, packagesEnv } from './packages';
import { proxyEnv } from './proxy-env';
import { RemoteStep } from './remote-step';
import run from './scripts/database-member.sh';
import promote from './scripts/database-promote.sh';
import switchover from './scripts/database-switchover.sh';
import uninstall from './scripts/database-uninstall.sh';
import guardData from './scripts/guard_data.py';
import guardDisk from './scripts/guard_disk.py';
import guardMemory from './scripts/guard_etcd_memory.py';
import guardLinks from './scripts/guard_links.py';
import guardPromotion from './scripts/guard_promotion.py';
import container from './scripts/lib-database-container.sh';
import settings from './scripts/lib-database-settings.sh';
import userLibrary from './scripts/lib-database-user.sh';
import folders from './scripts/lib-folders.sh';
import kine from './scripts/lib-kine.sh';
import packages from './scripts/lib-packages.sh';
import patroni from './scripts/lib-patroni.sh';
import patroniCluster from './scripts/lib-patroni-cluster.sh';
import patroniData from './scripts/lib-patroni-data.sh';
import patroniImage from './scripts/lib-patroni-image.sh';
import postgres from './scripts/lib-postgres.sh';
import token from './scripts/lib-token.sh';
import guard from './scripts/patroni-guard.py';
import { settingsGuardEnv } from './settings-guard';
import { stepScripts } from './step-scripts';

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
    const image = broughtImage(this, 'database-image', { host, topology, scripts, env, dependsOn: base });
    this.step = new RemoteStep(this, 'database', {
      host,
      provisioner,
      files: {
        ...scripts,
        'lib-postgres.sh': postgres,
        'lib-kine.sh': kine,
        'lib-token.sh': token,
        'lib-database-settings.sh': settings,
        'lib-patroni.sh': patroni,
        'lib-patroni-cluster.sh': patroniCluster,
        'lib-patroni-data.sh': patroniData,
        'lib-patroni-image.sh': patroniImage,
        'run.sh': run,
        'uninstall-database.sh': uninstall,
        'switchover.sh': switchover,
        'promote.sh': promote,
        'guard.py': guard,
        'guard_data.py': guardData,
        'guard_disk.py': guardDisk,
        'guard_etcd_memory.py': guardMemory,
        'guard_links.py': guardLinks,
        'guard_promotion.py': guardPromotion,
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
        'guard.json': guardConfig(host, topology, cluster),
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
        QUORUM: topology.quorum.includes(host),
      },
      lateEnv: { ...knownTokensEnv, ...settingsGuardEnv },
      upload: {
        folder: secrets.folder,
        hashed: [...secrets.hashed, ...memberSecrets(host).hashed],
        remedy: `run 'npx k3s-cdk init'`,
      },
      dependsOn: [...dependsOn, ...image],
    });
  }
}
