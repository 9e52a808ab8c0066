import { Construct } from 'constructs';
import { IpAddressPool } from '../../../imports/metallb.io';
import type { Metallb } from '../../model/metallb';
import { namespace } from './metallb';

type Allocation = NonNullable<Metallb['pools'][number]['allocation']>;

/** The addresses that MetalLB may hand out. */
export class Pools extends Construct {
  constructor(scope: Construct, id: string, pools: Metallb['pools']) {
    super(scope, id);
    for (const { name, labels, addresses, autoAssign, avoidBuggyIPs, allocation } of pools) {
      new IpAddressPool(this, name, {
        metadata: { name, namespace, labels },
        spec: {
          addresses,
          autoAssign,
          avoidBuggyIPs,
          ...(allocation && { serviceAllocation: serviceAllocation(allocation) }),
        },
      });
    }
  }
}

function serviceAllocation({ priority, namespaces, namespaceSelectors, serviceSelectors }: Allocation) {
  return {
    ...(priority !== undefined && { priority }),
    ...(namespaces.length > 0 && { namespaces }),
    ...(namespaceSelectors.length > 0 && { namespaceSelectors }),
    ...(serviceSelectors.length > 0 && { serviceSelectors }),
  };
}
