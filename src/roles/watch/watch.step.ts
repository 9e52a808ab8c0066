import { Construct } from 'constructs';
import { envFile } from '../../hosts/env-file';
import { RemoteStep, type StepFiles } from '../../hosts/remote-step';
import { proxyEnv } from '../../model/proxy-env';
import type { Host, Topology } from '../../model/topology';
import { callsOf, watchSalt, watchUpload } from '../../model/watch';
import { limits } from '../../status/machine-problems';
import { probeOf } from '../../status/probe-script';
import { drillOverdueDays } from '../backup/status';
import { connectionsInUse, tooManyDeadRows } from '../database/problems';
import { packagesEnv } from '../lib/packages-env';
import { libraryNames, stepScripts } from '../lib/step-scripts';
import { dataServices } from '../roles';
import { saltedTrigger } from '../salted-trigger';
import { watchService, watchTimer } from './files/watch-units';
import run from './set-up-watch.sh';
import uninstall from './uninstall-watch.sh';
import { watchPackages } from './watch';
import watchScript from './watch.sh';

export interface WatchProps {
  readonly host: Host;
  readonly topology: Topology;
  readonly every: string;
  /** What `files` has returned for other hosts, by the text of their probes. */
  readonly known: Map<string, StepFiles>;
  /** All other steps of the host: until they are done, it is not well. */
  readonly dependsOn: readonly RemoteStep[];
}

/** What a host's probe may take, in milliseconds. */
const patience = 45_000;

/**
 * Days before the end of a certificate from which it is a problem here: `status` shows it months before, and a call a day
 * would not be listened to that long.
 */
const certificateDays = 21;

/** A timer that looks after the host and calls somebody. */
export class Watch extends Construct {
  constructor(scope: Construct, id: string, { host, topology, every, known, dependsOn }: WatchProps) {
    super(scope, id);
    const { name, provisioner, proxy, nodes, databases, k3s, api } = topology;
    const probe = probeOf(topology, host, patience);
    const files = known.get(probe.text) ?? filesWith(probe.text, every);
    known.set(probe.text, files);
    const folder = watchUpload(host);
    const isServer = host.kind === 'server';
    new RemoteStep(this, 'watch', {
      host,
      provisioner,
      files,
      hostFiles: { 'probe.env': envFile(probe.inputs) },
      env: {
        CLUSTER: name,
        LIBRARIES: libraryNames(watchScript),
        API_URL: isServer ? api.url : '',
        NODES: isServer ? nodes.map((node) => node.name).join(' ') : '',
        VERSION: isServer ? k3s.version : '',
        SERVICES: isServer ? silentElsewhere(topology).join('\n') : '',
        SEVERAL_DATABASES: databases.map((database) => database.name).join(' '),
        MIN_FREE_ERROR: limits.minFree.error,
        MIN_FREE_WARNING: limits.minFree.warning,
        MIN_MEMORY: limits.minMemory,
        HOT: limits.hot,
        CONNECTIONS_IN_USE: connectionsInUse,
        DEAD_ROWS: tooManyDeadRows,
        CERTIFICATE_DAYS: certificateDays,
        DRILL_OVERDUE_DAYS: drillOverdueDays(topology),
        ...packagesEnv(watchPackages),
        ...proxyEnv(proxy),
      },
      upload: { folder, hashed: [], needed: callsOf(host, topology), remedy: `run 'k3s-cdk init'` },
      triggers: Object.fromEntries(
        callsOf(host, topology).map((call) => [call, saltedTrigger(folder, call, watchSalt)]),
      ),
      dependsOn,
    });
  }
}

function filesWith(probe: string, every: string): StepFiles {
  return {
    ...stepScripts({ 'watch.sh': watchScript, 'uninstall-watch.sh': uninstall, 'run.sh': run }),
    'probe-host.sh': probe,
    'k3s-cdk-watch.service': watchService,
    'k3s-cdk-watch.timer': watchTimer(every),
  };
}

/** What is served by no node, which would report itself. */
function silentElsewhere(topology: Topology): string[] {
  return dataServices(topology)
    .filter(({ host }) => host === undefined || host.kind === 'none')
    .map(({ name, address, port }) => `${address} ${port} ${name}`);
}
