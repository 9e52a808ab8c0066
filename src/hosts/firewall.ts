import { Construct } from 'constructs';
import type { Host, Topology } from '../model/topology';
import { firewallService } from './files/firewall-service';
import { firewalldFiles } from './files/firewalld';
import { nftablesRules } from './files/nftables-rules';
import { ufwRules } from './files/ufw-rules';
import { firewallRules } from './firewall-rules';
import { RemoteStep } from './remote-step';
import run from './scripts/firewall.sh';
import uninstall from './scripts/firewall-uninstall.sh';
import systemd from './scripts/lib-systemd.sh';
import nftables from './scripts/nftables.sh';
import { stepScripts } from './step-scripts';

export interface FirewallProps {
  readonly host: Host;
  readonly provisioner: Topology['provisioner'];
  /** What `firewallFiles` returned. */
  readonly files: (roles: Host['roles']) => FirewallFiles;
  readonly dependsOn: readonly RemoteStep[];
}

type FirewallFiles = Readonly<Record<string, string>> & typeof stepScripts & { readonly 'run.sh': string };

/** Files for hosts by their roles: a list of all addresses is made once, not once a host. */
export function firewallFiles(topology: Topology): (roles: Host['roles']) => FirewallFiles {
  const made = new Map<string, FirewallFiles>();
  return (roles) => {
    const key = [...roles].sort().join(' ');
    const files = made.get(key) ?? render(roles, topology);
    made.set(key, files);
    return files;
  };
}

function render(roles: Host['roles'], topology: Topology): FirewallFiles {
  const rules = firewallRules(roles, topology);
  const firewalld = Object.entries(firewalldFiles(rules, topology));
  return {
    ...stepScripts,
    ...Object.fromEntries(firewalld.map(([name, text]) => [`firewalld.${name}`, text])),
    'k3s-cdk-firewall.service': firewallService,
    'lib-systemd.sh': systemd,
    'nftables.rules': nftablesRules(rules, topology),
    'nftables.sh': nftables,
    'run.sh': run,
    'ufw-before.rules': ufwRules(rules, topology, 4),
    'ufw-before6.rules': ufwRules(rules, topology, 6),
    'uninstall-firewall.sh': uninstall,
  };
}

/** Lets the cluster's traffic through whichever firewall is active. */
export class Firewall extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, provisioner, files, dependsOn }: FirewallProps) {
    super(scope, id);
    this.step = new RemoteStep(this, 'firewall', {
      host,
      provisioner,
      files: files(host.roles),
      dependsOn,
    });
  }
}
