import { Construct } from 'constructs';
import { L2Advertisement } from '../../../imports/metallb.io';
import type { Metallb } from '../../model/metallb';
import { namespace } from './metallb';
import { selection } from './selection';

/** What is announced in the local network. */
export class L2Advertisements extends Construct {
  constructor(scope: Construct, id: string, advertisements: Metallb['l2Advertisements']) {
    super(scope, id);
    for (const advertisement of advertisements) {
      const { name, interfaces, preferredNodeSelectors } = advertisement;
      new L2Advertisement(this, name, {
        metadata: { name, namespace },
        spec: {
          ...selection(advertisement),
          ...(interfaces.length > 0 && { interfaces }),
          ...(preferredNodeSelectors.length > 0 && { preferredNodeSelectors }),
        },
      });
    }
  }
}
