import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { clientVariables } from '../../model/external-database';
import { settingsOfData } from '../../model/fixed-settings';
import type { ExternalDatabase as External, Host, Topology } from '../../model/topology';
import { dataGuardEnv } from '../data-guard';
import { serverUpload } from '../k3s/server-upload';
import { knownTokensEnv } from '../lib/known-tokens';
import { stepScripts } from '../lib/step-scripts';
import { settingsGuardEnv } from '../settings-guard';
import run from './external-database.sh';
import uninstall from './external-database-uninstall.sh';

export interface ExternalDatabaseProps {
  readonly host: Host;
  readonly topology: Topology;
  readonly external: External;
  /** Steps that make the machine ready. */
  readonly dependsOn: readonly RemoteStep[];
}

const files = stepScripts({ 'uninstall-external-database.sh': uninstall, 'run.sh': run });

/** Checks, from one server, that k3s can use the database; all of them must before any of them starts. */
export class ExternalDatabase extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, external, dependsOn }: ExternalDatabaseProps) {
    super(scope, id);
    const { database, provisioner, servers } = topology;
    const { env = {}, triggers = {}, ...upload } = serverUpload(host, topology);
    this.step = new RemoteStep(this, 'external-database', {
      host,
      provisioner,
      files,
      env: {
        ...env,
        ...clientVariables(database),
        TITLE: external.title,
        ADDRESSES: database.addresses.join(' '),
        DATABASE: database.name,
        USER_NAME: database.user,
        SETTINGS: settingsOfData(topology),
      },
      // Another server changes nothing for those that run.
      lateEnv: {
        ...{ ...dataGuardEnv, ...knownTokensEnv, ...settingsGuardEnv },
        SERVERS: `${servers.length}`,
      },
      upload: { ...upload, remedy: `run 'k3s-cdk init'` },
      triggers,
      dependsOn,
    });
  }
}
