import { Construct } from 'constructs';
import { RemoteStep, type RemoteStepProps } from '../../hosts/remote-step';
import { releaseFolder } from '../../model/artifacts';
import { wantsKernelSettings } from '../../model/hardening';
import { proxyEnv } from '../../model/proxy-env';
import type { Host, Topology } from '../../model/topology';
import { familyOf } from '../../net/address';
import { nodeConfig } from '../k3s/node-config';
import { packagesEnv } from '../lib/packages-env';
import { stepScripts } from '../lib/step-scripts';
import {
  freeSpace,
  hostPackages,
  listeningPorts,
  lostUninstallers,
  runsContainers,
  takenOver,
} from '../roles';
import { modulesConf, networkManagerConf, sysctlConf } from './files/kernel-conf';
import { timePackages } from './prepare';
import run from './prepare.sh';
import uninstall from './prepare-uninstall.sh';

export interface PrepareProps {
  readonly host: Host;
  readonly topology: Topology;
  /** What `prepareFiles` returned; one object for all hosts. */
  readonly files: ReturnType<typeof prepareFiles>;
  readonly dependsOn: NonNullable<RemoteStepProps['dependsOn']>;
}

/** What is uploaded to every host. */
export function prepareFiles(topology: Topology) {
  const { network, nodes } = topology;
  // A kubelet that does not require them sets them itself, so they suit every node.
  const kubelet = nodes.some((host) => wantsKernelSettings(nodeConfig(topology, host)));
  return {
    ...stepScripts({ 'run.sh': run, 'uninstall-prepare.sh': uninstall }),
    'modules.conf': modulesConf,
    'network-manager.conf': networkManagerConf,
    'sysctl.conf': sysctlConf(network.pods, kubelet),
  };
}

/** Checks that a machine suits its roles, and prepares it: time, packages, kernel, memory cgroup. */
export class Prepare extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, files, dependsOn }: PrepareProps) {
    super(scope, id);
    const ipv6 = host.kind === 'none' ? undefined : host.nodeIps.find((ip) => familyOf(ip) === 6);
    const brought = releaseFolder(host, topology)?.arch;
    const packages = hostPackages(host, topology);
    this.step = new RemoteStep(this, 'prepare', {
      host,
      provisioner: topology.provisioner,
      files,
      env: {
        NODE: host.kind === 'none' ? 'no' : 'yes',
        CONTAINERS: runsContainers(host, topology) ? 'yes' : 'no',
        LOST: lostUninstallers(host, topology).join(' '),
        OWN_STEPS: host.steps.map(({ name }) => name).join(' '),
        ...packagesEnv(packages),
        SELINUX_PACKAGES: packages.selinux.join(' '),
        APT_TIME_PACKAGES: timePackages.apt.join(' '),
        DNF_TIME_PACKAGES: timePackages.dnf.join(' '),
        PORTS: listeningPorts(host, topology).join(' '),
        MIN_FREE_MB: freeSpace(host, topology),
        TAKES_OVER: takenOver(host, topology).join(' '),
        ...(ipv6 !== undefined && { NODE_IPV6: ipv6 }),
        ...(brought !== undefined && { ARCH: brought }),
        ...proxyEnv(topology.proxy),
      },
      dependsOn,
      first: true,
    });
  }
}
