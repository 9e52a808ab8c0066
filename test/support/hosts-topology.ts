import { parse } from 'yaml';
import { cluster } from '../../src/config/schema/cluster';
import { resolve } from '../../src/model/resolve';
import type { HostKeys } from '../../src/model/ssh';
import type { Topology } from '../../src/model/topology';

const base = `
name: test
ssh: { user: pi }
k3s: { version: v1.36.2+k3s1 }
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: server2, address: 192.168.10.12, roles: [server] }
  - { name: server3, address: 192.168.10.13, roles: [server] }
  - { name: agent1, address: 192.168.10.21, roles: [agent] }
  - { name: agent2, address: 192.168.10.22, roles: [agent] }
  - { name: agent3, address: 192.168.10.23, roles: [agent] }
api: { address: 192.168.10.5 }
`;

/** A cluster of three servers and three agents, with sections replaced by those of `yaml`. */
export function topologyWith(yaml = '', hostKeys?: HostKeys): Topology {
  return resolve(
    { ...cluster.parse({ ...parse(base), ...parse(yaml) }), objects: [], stepTexts: {} },
    hostKeys,
  );
}

/** Every host is known, by the same key. */
export const anyKey: HostKeys = { hostKey: () => 'ssh-ed25519 AAAA' };
