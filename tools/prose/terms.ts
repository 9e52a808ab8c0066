/**
 * Turns of phrase that a native speaker would not use here, and what to write instead: rules of
 * textlint-rule-terminology. A pattern is a regular expression, without regard to case.
 */
export const terms: readonly (readonly [pattern: string, instead: string])[] = [
  // In the sense of "report". One can tell somebody to do something, and one thing from another.
  ['(?<![\\w-])(tells|telling)\\b(?!\\s+(\\w+\\s+)?(to|apart|from)\\b)', 'reports, says, shows or names'],
  [
    '\\b(is|are|was|were|be|been|that it|which it|what it)\\s+told\\b(?!\\s+to\\b)',
    'is reported, shown or named',
  ],
  ['nothing to say(?! about)', 'no problems to report'],
  ['\\bthat lacks?\\b(?!\\s+\\w)', 'that are missing'],
  ['\\bof ours\\b(?!-)', 'our'],
  ['\\bfor ever\\b', 'forever'],
  ['\\bthat is none\\b(?! of)', 'that is not one'],
  ['\\bis no (label|host|user|number|count|name|address|path|value|version)\\b(?!-)', 'is not a valid'],
  ['leaves? out a minor version', 'skips a minor version'],
  ['a bug of ours', 'internal error'],
  ['changes? by hand', 'manual changes'],
  ['\\banew\\b(?!-)', 'again, or a verb that says it: reinstall, recreate'],
  ['\\b(the|a|an|of|to|is|are|and|in|for|with)\\s+\\1\\b(?!-)', 'one of them'],
];
