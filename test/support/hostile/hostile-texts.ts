import * as fc from 'fast-check';
import { anyText } from '../any-text';

/** What one of the programs that read our files has a meaning for, or what has ended one of their texts once. */
const fragments = [
  ...'"\'`$%\\;|&<>(){}[]*?!#~^=:,+@/-_. \t\n\r',
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned; ',
  '"; touch pwned #',
  "'; touch pwned #",
  '\ntouch pwned\n',
  '\nEND_OF_K3S_CDK_FILE\ntouch pwned\n',
  'END_OF_K3S_CDK_FILE',
  '${path.cwd}',
  '%{ if true }',
  '$${x}',
  '%%{x}',
  '${TfToken[TOKEN.0]}',
  '\\${x}',
  '$HOME',
  '%h',
  '%%',
  '%i',
  '\\n',
  '\\',
  '\\\\',
  "''",
  '""',
  "\\'",
  ': ',
  ' #',
  '- ',
  '\n- ',
  '---\n',
  '!!python/none ',
  '&a ',
  '*a',
  '../',
  '/../',
  '//',
  '\u0000',
  '\u0001',
  '\u001b[2J',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u200b',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\uffff',
  '\ud800',
  'é',
  '🏠',
  '\\040',
  '@INTERFACE@',
  '__proto__',
  ',no_root_squash',
  '(rw)',
  ':Z',
  '\n[Service]\nExecStart=/bin/touch pwned',
  ' = x',
  '--',
  '=',
];

const fragment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...fragments) },
  { weight: 1, arbitrary: anyText({ maxLength: 3 }) },
);

/**
 * A text with something hostile in it: mostly the text itself with some put in, for that is more often valid. Without bias,
 * with which the first ones would be made of the first fragments.
 */
export function hostileText(text: string): fc.Arbitrary<string> {
  const somewhere = fc.oneof(fc.nat(text.length), fc.constantFrom(0, text.length));
  const insertions = fc.array(fc.record({ at: somewhere, what: fragment }), { minLength: 1, maxLength: 3 });
  const changed = insertions.map((all) =>
    all
      .toSorted((a, b) => b.at - a.at)
      .reduce((before, { at, what }) => before.slice(0, at) + what + before.slice(at), text),
  );
  const other = fc.array(fragment, { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
  return fc.noBias(fc.oneof({ weight: 5, arbitrary: changed }, { weight: 1, arbitrary: other }));
}
