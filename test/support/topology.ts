import { parseConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import type { Topology } from '../../src/model/topology';

/** A cluster of three hosts without sections that concern the cluster output. */
const base = `
name: test
ssh: { user: pi }
hosts:
  - { name: server1, address: 192.168.10.11, roles: [server, database] }
  - { name: agent1, address: 192.168.10.21, roles: [agent] }
  - { name: agent2, address: 192.168.10.22, roles: [agent] }
`;

/** The topology of a small cluster with these sections of cluster.yaml. */
export function topologyWith(sections: string): Topology {
  const k3s = /^k3s:/m.test(sections) ? '' : 'k3s: { version: v1.36.2+k3s1 }\n';
  const { config, issues } = parseConfig(`${base}${k3s}${sections}`, 'test.yaml');
  if (!config) throw new Error(issues.map(({ message }) => message).join('\n'));
  return resolve(config);
}

/** What is wrong with these sections, as messages with their paths. */
export function issuesWith(sections: string): string[] {
  const { issues } = parseConfig(`${base}k3s: { version: v1.36.2+k3s1 }\n${sections}`, 'test.yaml');
  return issues.map(({ severity, path, message }) => `${severity} at ${path}: ${message}`);
}
