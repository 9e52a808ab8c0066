import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { databaseServiceUser } from '../../model/database';
import { settingsOfData } from '../../model/fixed-settings';
import { proxyEnv } from '../../model/proxy-env';
import { databaseSecrets, patroniSecrets, replicationSecrets } from '../../model/secrets';
import type { DatabaseCluster, Host, Topology } from '../../model/topology';
import alive from '../database/alive.sh';
import { databasePackages } from '../database/database';
import uninstall from '../database/database-uninstall.sh';
import { aliveService, aliveUnit } from '../database/files/alive-unit';
import { podmanRegistries } from '../database/files/podman-registries';
import { pgHba, pgIdent, postgresqlConf } from '../database/files/postgresql-conf';
import { loadedImage } from '../database/loaded-image.step';
import { knownTokensEnv } from '../lib/known-tokens';
import { packagesEnv } from '../lib/packages-env';
import { libraryNames, stepScripts } from '../lib/step-scripts';
import { settingsGuardEnv } from '../settings-guard';
import databaseHost from './database_host.py';
import run from './database-member.sh';
import promote from './database-promote.sh';
import switchover from './database-switchover.sh';
import etcdLeader from './etcd_leader.py';
import {
  addressOf,
  etcdMembers,
  otherPatronis,
  patroniConfig,
  patroniDynamicConfig,
} from './files/patroni-config';
import { patroniContainer } from './files/patroni-container';
import { containerfile } from './files/patroni-containerfile';
import fullDisk from './full_disk.py';
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

const scripts = stepScripts({
  'run.sh': run,
  'uninstall-database.sh': uninstall,
  'alive.sh': alive,
  'switchover.sh': switchover,
  'promote.sh': promote,
});

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
    const image = loadedImage(this, 'database-image', { host, topology, env, dependsOn: base });
    this.step = new RemoteStep(this, 'database', {
      host,
      provisioner,
      files: {
        ...scripts,
        ...podmanRegistries(k3s.registries, cluster.built ? database.image : cluster.image),
        'database_host.py': databaseHost,
        'etcd_leader.py': etcdLeader,
        'full_disk.py': fullDisk,
        'patroni_rest.py': patroniRest,
        'k3s-postgres.container': patroniContainer(cluster.image, database.dataDir),
        Containerfile: containerfile,
        'patroni-dynamic.yml': patroniDynamicConfig(database),
        // With which Postgres checks the settings before Patroni gets them.
        'postgresql.conf': postgresqlConf(database.settings),
        'pg_hba.conf': pgHba(database),
        'pg_ident.conf': pgIdent(databaseServiceUser),
      },
      hostFiles: {
        'patroni.yml': patroniConfig(host, topology, cluster),
        [aliveUnit]: aliveService(
          'patroni',
          `${addressOf(host)}:${cluster.restPort}`,
          `${database.dataDir}/config`,
        ),
      },
      env: {
        ...env,
        DOWNLOAD: k3s.artifacts === undefined ? 'yes' : 'no',
        LIBRARIES: libraryNames(switchover, promote),
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
        remedy: `run 'k3s-cdk init'`,
      },
      dependsOn: [...dependsOn, ...image],
    });
  }
}
