import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { databaseServiceUser } from '../../model/database';
import { settingsOfData } from '../../model/fixed-settings';
import { proxyEnv } from '../../model/proxy-env';
import type { Database as DatabaseFacts, Host, Topology } from '../../model/topology';
import { dataGuardEnv } from '../data-guard';
import { knownTokensEnv } from '../lib/known-tokens';
import { packagesEnv } from '../lib/packages-env';
import { stepScripts } from '../lib/step-scripts';
import { settingsGuardEnv } from '../settings-guard';
import alive from './alive.sh';
import { databasePackages } from './database';
import run from './database.sh';
import uninstall from './database-uninstall.sh';
import { aliveService, aliveUnit } from './files/alive-unit';
import { podmanRegistries } from './files/podman-registries';
import { postgresContainer } from './files/postgres-container';
import { restartSettings } from './files/postgres-restart-settings';
import { pgHba, pgIdent, postgresqlConf } from './files/postgresql-conf';
import { loadedImage } from './loaded-image.step';

export interface DatabaseProps {
  readonly host: Host;
  readonly topology: Topology;
  /** Steps that make the machine ready. */
  readonly dependsOn: readonly RemoteStep[];
}

const scripts = stepScripts({ 'uninstall-database.sh': uninstall, 'alive.sh': alive, 'run.sh': run });

/** Postgres in a rootless podman container; in an air gap its image is uploaded first. */
export class Database extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, dependsOn }: DatabaseProps) {
    super(scope, id);
    const { database, k3s, provisioner } = topology;
    const files = configFiles(database);
    const env = {
      DATA_DIR: database.dataDir,
      IMAGE: database.image,
      SERVICE_USER: databaseServiceUser,
      ...packagesEnv(databasePackages),
      ...proxyEnv(topology.proxy),
    };
    const image = loadedImage(this, 'database-image', { host, topology, env, dependsOn });
    this.step = new RemoteStep(this, 'database', {
      host,
      provisioner,
      files: {
        ...scripts,
        ...files,
        [aliveUnit]: aliveService('postgres', `127.0.0.1:${database.port}`),
        ...podmanRegistries(k3s.registries, database.image),
      },
      planSections: { sections: whatChanges(files), files: Object.keys(files) },
      env: {
        ...env,
        DOWNLOAD: k3s.artifacts === undefined ? 'yes' : 'no',
        DATABASE: database.name,
        ROLE: database.user,
        SETTINGS: settingsOfData(topology),
      },
      lateEnv: { ...dataGuardEnv, ...knownTokensEnv, ...settingsGuardEnv },
      upload: {
        folder: `secrets/hosts/${host.name}/database`,
        hashed: ['ca.crt', 'server.crt'],
        remedy: `run 'k3s-cdk init'`,
      },
      dependsOn: [...dependsOn, ...image],
    });
  }
}

/** What a running Postgres rereads, and what it must be restarted for: the plan distinguishes them. */
function whatChanges(files: ReturnType<typeof configFiles>) {
  const { 'postgresql.conf': conf, 'k3s-postgres.container': container, ...access } = files;
  const lines = conf.split('\n');
  const needsRestart = (line: string) => restartSettings.has(line.split(' ', 1)[0] ?? '');
  return {
    restart: { container, settings: lines.filter(needsRestart).join('\n') },
    reload: { ...access, settings: lines.filter((line) => !needsRestart(line)).join('\n') },
  };
}

function configFiles(database: DatabaseFacts) {
  return {
    'postgresql.conf': postgresqlConf(database.settings),
    'pg_hba.conf': pgHba(database),
    'pg_ident.conf': pgIdent(databaseServiceUser),
    'k3s-postgres.container': postgresContainer(database),
  };
}
