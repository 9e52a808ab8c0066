import { dirname } from 'node:path';
import type { Config } from '../config/config';
import { someNames } from '../model/host-groups';
import { KnownHosts } from '../model/known-hosts';
import { resolve } from '../model/resolve';
import type { Topology } from '../model/topology';
import { unknownHosts } from '../model/unknown-hosts';
import { KnownHostsFile } from '../ssh/known-hosts-file';
import { fileOption } from './file-option';
import type { Terminal } from './terminal';

/** The topology with the host keys of `known_hosts` beside cluster.yaml; says which hosts have none. */
export function topologyOf(config: Config, file: string, terminal: Terminal): Topology {
  const topology = resolve(config, new KnownHosts(new KnownHostsFile(dirname(file)).read()));
  const unknown = unknownHosts(topology);
  if (unknown.length > 0)
    terminal.error(
      `warning: no host key is known for ${someNames(unknown)}, so Terraform refuses to plan: run 'k3s-cdk init${fileOption(file, terminal)}'`,
    );
  return topology;
}
