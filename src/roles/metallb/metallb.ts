import type { Role } from '../role';
import { memberlistPort } from './ports';

/** Nodes, as far as MetalLB in the cluster needs them. */
export const metallb: Role = {
  name: 'metallb',
  isOn: (host, topology) => host.kind !== 'none' && topology.metallb !== undefined,
  traffic: () =>
    (['tcp', 'udp'] as const).map((protocol) => ({
      protocol,
      ports: [memberlistPort],
      from: 'nodes',
      on: 'node',
      between: { name: 'MetalLB' },
    })),
};
