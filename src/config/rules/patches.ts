import { type Draft, isAbsent } from '../draft';
import { quote } from '../quote';
import { known } from './known';
import type { Finding } from './rule';

/** RFC 6902: every operation but `remove` says what to put there. */
export function* patchesHaveValues(config: Draft): Iterable<Finding> {
  for (const [index, { operations }] of known(config.patches)) {
    for (const [n, operation] of known(operations)) {
      const { op } = operation;
      if (op === undefined || (op === 'remove') === isAbsent(operation, 'value')) continue;
      yield {
        path: ['patches', index, 'operations', n, 'op'],
        message:
          op === 'remove'
            ? "'remove' takes no value: delete 'value', or use 'replace'"
            : `${quote(op)} needs a 'value': add it, or use 'remove'`,
      };
    }
  }
}
