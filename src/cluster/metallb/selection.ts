import type { Metallb } from '../../model/metallb';

type Selection = Pick<
  Metallb['l2Advertisements'][number],
  'pools' | 'poolSelectors' | 'nodeSelectors' | 'serviceSelectors'
>;

/** The selectors of both kinds of advertisements. To MetalLB a missing field means "all". */
export function selection({ pools, poolSelectors, nodeSelectors, serviceSelectors }: Selection) {
  return {
    ...(pools.length > 0 && { ipAddressPools: pools }),
    ...(poolSelectors.length > 0 && { ipAddressPoolSelectors: poolSelectors }),
    ...(nodeSelectors.length > 0 && { nodeSelectors }),
    ...(serviceSelectors.length > 0 && { serviceSelectors }),
  };
}
