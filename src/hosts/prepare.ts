import { Construct } from 'constructs';
import type { Host, Topology } from '../model/topology';
import { modulesConf, networkManagerConf, sysctlConf } from './files/kernel-conf';
import { hostPackages, packagesEnv } from './packages';
import { proxyEnv } from './proxy-env';
import { RemoteStep } from './remote-step';
import kernel from './scripts/lib-kernel.sh';
import packages from './scripts/lib-packages.sh';
import preflight from './scripts/lib-preflight.sh';
import systemd from './scripts/lib-systemd.sh';
import run from './scripts/prepare.sh';
import { stepScripts } from './step-scripts';

export interface PrepareProps {
  readonly host: Host;
  readonly topology: Topology;
  /** What `prepareFiles` returned; one object for all hosts. */
  readonly files: ReturnType<typeof prepareFiles>;
}

/** What is uploaded to every host. */
export function prepareFiles({ network }: Topology) {
  return {
    ...stepScripts,
    'lib-kernel.sh': kernel,
    'lib-packages.sh': packages,
    'lib-preflight.sh': preflight,
    'lib-systemd.sh': systemd,
    'modules.conf': modulesConf,
    'network-manager.conf': networkManagerConf,
    'run.sh': run,
    'sysctl.conf': sysctlConf(network.pods),
  };
}

/** Space for k3s, its images and its logs, or for packages alone, in MB. */
const nodeSpace = 2048;
const packageSpace = 512;

/** Checks that a machine fits its roles, and makes it so: time, packages, kernel, memory cgroup. */
export class Prepare extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, files }: PrepareProps) {
    super(scope, id);
    const isNode = host.k3sConfig !== undefined;
    this.step = new RemoteStep(this, 'prepare', {
      host,
      provisioner: topology.provisioner,
      files,
      env: {
        NODE: yesOrNo(isNode),
        ...packagesEnv(hostPackages(host, topology)),
        PORTS: ports(host, topology).join(' '),
        MIN_FREE_MB: isNode ? nodeSpace : packageSpace,
        ...(isNode && topology.k3s.artifacts !== undefined && { ARCH: host.arch }),
        ...proxyEnv(topology.proxy),
      },
      first: true,
    });
  }
}

/** Ports that the host's roles listen on, and the programs that may have them: `6443:haproxy`. */
function ports(host: Host, { api, database, k3s }: Topology): string[] {
  const k3sPrograms = 'k3s,k3s-server,k3s-agent';
  return [
    ...(host.roles.includes('database') ? [`${database.port}:postgres`] : []),
    ...(host.roles.includes('nfs') ? ['2049:nfsd'] : []),
    ...(host.roles.includes('server')
      ? [
          `${k3s.serverPort}:${k3sPrograms}`,
          ...(api.loadBalancer ? [`${api.loadBalancer.port}:haproxy`] : []),
        ]
      : []),
    ...(host.k3sConfig ? [`10250:${k3sPrograms}`] : []),
  ];
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
