import { Construct } from 'constructs';
import { RemoteStep, type StepFiles } from '../../hosts/remote-step';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import type { Traffic } from '../role';
import { trafficTo } from '../roles';
import { type ClosedPort, closedPorts, closedToPods } from './closed-to-pods';
import { firewallService } from './files/firewall-service';
import { firewalldFiles } from './files/firewalld';
import { nftablesRules } from './files/nftables-rules';
import { podsService } from './files/pods-service';
import { podsTable } from './files/pods-table';
import { ufwRules } from './files/ufw-rules';
import run from './firewall.sh';
import uninstall from './firewall-uninstall.sh';
import nftables from './nftables.sh';
import { peerAddresses } from './peer-addresses';
import { podTraffic } from './pod-traffic';
import keepPods from './pods-table.sh';
import uninstallPods from './pods-uninstall.sh';

export interface FirewallProps {
  readonly host: Host;
  readonly topology: Topology;
  /** What `firewallFiles` returned. */
  readonly files: (host: Host) => StepFiles;
  readonly dependsOn: readonly RemoteStep[];
}

/**
 * Files for hosts by what their rules depend on: a list of all addresses is built once, not once per host.
 */
export function firewallFiles(topology: Topology): (host: Host) => StepFiles {
  const made = new Map<string, StepFiles>();
  const closed = closedToPods(topology);
  return (host) => {
    const rules = trafficTo(host, topology);
    const key = JSON.stringify([rules, host.kind === 'none']);
    const files = made.get(key) ?? render(host, rules, topology, closed);
    made.set(key, files);
    return files;
  };
}

function render(
  host: Host,
  rules: readonly Traffic[],
  topology: Topology,
  closed: readonly ClosedPort[],
): StepFiles {
  const pods = podTraffic(host, topology);
  const firewalld = Object.entries(firewalldFiles(rules, topology, pods));
  return {
    ...stepScripts({
      'nftables.sh': nftables,
      'run.sh': run,
      'uninstall-firewall.sh': uninstall,
      ...(pods && { 'pods-table.sh': keepPods, 'uninstall-pods.sh': uninstallPods }),
    }),
    ...Object.fromEntries(firewalld.map(([name, text]) => [`firewalld.${name}`, text])),
    'k3s-cdk-firewall.service': firewallService,
    'nftables.rules': nftablesRules(rules, topology, pods),
    'ufw-before.rules': ufwRules(rules, topology, 4, pods),
    'ufw-before6.rules': ufwRules(rules, topology, 6, pods),
    ...(pods && {
      'k3s-cdk-pods.service': podsService,
      'pods.nft': podsTable(closedPorts(rules), closed, topology),
    }),
  };
}

/**
 * Lets the cluster's traffic through whichever firewall is active, and keeps pods from storage and database.
 */
export class Firewall extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, files, dependsOn }: FirewallProps) {
    super(scope, id);
    this.step = new RemoteStep(this, 'firewall', {
      host,
      provisioner: topology.provisioner,
      files: files(host),
      // Each host has to let them in, and seldom are there others: an agent that joins runs no step here again.
      env: { PEERS: peerAddresses(topology, 'servers', 4).join(' ') },
      dependsOn,
    });
  }
}
