import { dirname } from 'node:path';
import type { Config } from '../config/config';
import { KnownHosts } from '../model/known-hosts';
import { resolve } from '../model/resolve';
import type { Topology } from '../model/topology';
import { KnownHostsFile } from '../ssh/known-hosts-file';
import type { Terminal } from './terminal';

/** More names than this make no line that anybody reads. */
const named = 5;

/** The topology with the host keys of `known_hosts` beside cluster.yaml; says which hosts have none. */
export function topologyOf(config: Config, file: string, terminal: Terminal): Topology {
  const topology = resolve(config, new KnownHosts(new KnownHostsFile(dirname(file)).read()));
  const unknown = topology.hosts.filter((host) => host.hostKey === undefined).map((host) => host.name);
  if (unknown.length > 0) {
    const names = unknown.slice(0, named).join(', ') + (unknown.length > named ? ', …' : '');
    terminal.error(
      `warning: no host key is known of ${unknown.length} of ${topology.hosts.length} hosts (${names}), so Terraform will trust whoever answers: run 'npx k3s-cdk init'`,
    );
  }
  return topology;
}
