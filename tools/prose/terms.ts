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
  [
    '(?<!\\bthere )\\bis no (backup|role|taint|block device|database host|list|comment|folder)\\b',
    'is not a',
  ],
  ['leaves? out a minor version', 'skips a minor version'],
  ['a bug of ours', 'internal error'],
  ['changes? by hand', 'manual changes'],
  ['changed by hand', 'changed manually'],
  ['\\bmend(s|ed|ing)?\\b', 'fix or repair'],
  ['\\bsee to (it|that|the|this|them)\\b', 'fix'],
  ['is not there: install', 'is not installed: install'],
  ['\\bhas not (the|a|an)\\b', 'does not have'],
  ['\\b(breaks?|broke|broken) off\\b', 'closed the connection, ended or aborted'],
  ['without a word\\b', 'without a message'],
  ['for want of', 'for lack of'],
  ['\\b(come|comes|came|coming) to (its|their) end\\b', 'finish, or be complete'],
  ['\\b(to|and) go on\\b', 'continue'],
  ['\\bgoes on (trying|to)\\b', 'keeps trying, continues'],
  ['too little voltage', 'undervoltage'],
  ['without an end\\b', 'without end'],
  ['\\banew\\b(?!-)', 'again, or a verb that says it: reinstall, recreate'],
  ['\\b(the|a|an|of|to|is|are|and|in|for|with)\\s+\\1\\b(?!-)', 'one of them'],
];
