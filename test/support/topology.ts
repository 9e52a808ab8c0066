import { parseConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import type { Topology } from '../../src/model/topology';

/** A small cluster with these sections of cluster.yaml and, beside its own, these hosts. */
function textOf(sections: string, hosts: readonly string[]): string {
  const nodes = [
    '{ name: server1, address: 192.168.10.11, roles: [server, database] }',
    '{ name: agent1, address: 192.168.10.21, roles: [agent] }',
    '{ name: agent2, address: 192.168.10.22, roles: [agent] }',
  ];
  const list = [...nodes, ...hosts].map((host) => `  - ${host}`).join('\n');
  const k3s = /^k3s:/m.test(sections) ? '' : 'k3s: { version: v1.36.5+k3s1 }\n';
  return `name: test\nssh: { user: pi }\nhosts:\n${list}\n${k3s}${sections}\n`;
}

/** The topology of such a cluster, which must be valid. */
export function topologyWith(sections: string, hosts: readonly string[] = []): Topology {
  const { config, issues } = parseConfig(textOf(sections, hosts), 'test.yaml');
  if (!config) throw new Error(issues.map(({ message }) => message).join('\n'));
  return resolve(config);
}

/** What is wrong with such a cluster: `error at metallb.pools[0].name: …`. */
export function issuesWith(sections: string, hosts: readonly string[] = []): string[] {
  const { issues } = parseConfig(textOf(sections, hosts), 'test.yaml');
  return issues.map(({ severity, path, message }) => `${severity} at ${path}: ${message}`);
}
