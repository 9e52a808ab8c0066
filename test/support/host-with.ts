import type { Role } from '../../src/config/config';
import { kindOf } from '../../src/model/resolve';
import type { Host } from '../../src/model/topology';

/** A host of no cluster, for what depends on roles alone. */
export function hostWith(...roles: Role[]): Host {
  return {
    name: 'somebody',
    address: '192.0.2.1',
    nodeIps: ['192.0.2.1'],
    roles,
    kind: kindOf(roles),
    ssh: { user: 'pi', port: 22 },
    disks: [],
    packages: [],
    steps: [],
    labels: {},
    taints: [],
    extraConfig: {},
    secretFiles: [],
    arch: 'arm64',
  };
}
