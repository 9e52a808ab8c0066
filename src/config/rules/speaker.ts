import type { Draft } from '../draft';
import { quote } from '../quote';
import { known } from './known';
import type { Finding } from './rule';

const path = (...rest: (string | number)[]) => ['metallb', 'speaker', ...rest];

/** A speaker does not start with patterns that Go cannot parse; it joins all of them to one. */
export function* interfacePatternsAreValid(config: Draft): Iterable<Finding> {
  const patterns = known(config.metallb?.speaker?.excludeInterfaces);
  // Most patterns are so plain that the half megabyte of the port of Go's regular expressions is not needed.
  if (patterns.every(([, pattern]) => /^\^?\w[-\w]*(\.\*)?\$?$/.test(pattern))) return;
  const whole = goProblem(`(${patterns.map(([, pattern]) => pattern).join(')|(')})`);
  if (whole === undefined) return;
  const single = patterns.flatMap(([index, pattern]) => {
    const problem = goProblem(pattern);
    return problem === undefined ? [] : [{ index, pattern, problem }];
  });
  for (const { index, pattern, problem } of single) {
    yield {
      path: path('excludeInterfaces', index),
      message: `${quote(pattern)} is not a regular expression of Go, so no speaker would start: ${problem}`,
    };
  }
  if (single.length > 0) return;
  yield {
    path: path('excludeInterfaces'),
    target: 'key',
    message: `the patterns together are not a regular expression of Go, so no speaker would start: ${whole}`,
  };
}

function goProblem(pattern: string): string | undefined {
  const { RE2JS } = require('re2js') as typeof import('re2js');
  try {
    // Go accepts duplicate group names, its port does not.
    RE2JS.compile(pattern.replace(/\(\?P?<\w+>/g, '('));
    return undefined;
  } catch (error) {
    return quote((error as Error).message.replace(/^error parsing regexp: /, '').replaceAll('`', "'"));
  }
}

/** Kubernetes rejects a DaemonSet with contradictory tolerations. */
export function* tolerationsAreValid(config: Draft): Iterable<Finding> {
  for (const [index, { key, operator, value }] of known(config.metallb?.speaker?.tolerations)) {
    if (operator === 'Exists' && value) {
      yield {
        path: path('tolerations', index, 'value'),
        message: "'Exists' looks at the key of the taint only: delete 'value', or set 'operator' to 'Equal'",
      };
    } else if (operator === 'Equal' && key === undefined) {
      yield {
        path: path('tolerations', index),
        message:
          "a toleration without a 'key' is for every taint: set its 'operator' to 'Exists', or add the key",
      };
    }
  }
}
