import { DUMP_SCHEMA, defineScalarTag, dump, NOT_RESOLVED } from 'js-yaml';

/**
 * `4e9185206786`: too large for a JavaScript number, so js-yaml takes it for a text and other readers for a
 * number.
 */
const huge = defineScalarTag('tag:k3s-cdk,2026:huge-number', {
  implicit: true,
  implicitFirstChars: [...'-+.0123456789'],
  resolve: (text) =>
    /^[-+]?((\.\d+|\d[\d_]*(\.[\d_]*)?)e[-+]?\d+|\d[\d_]{99,}|0x[\da-f_]{99,})$/i.test(text)
      ? text
      : NOT_RESOLVED,
  identify: () => false,
});
const schema = DUMP_SCHEMA.withTags(huge);

/**
 * YAML that readers of 1.1 and 1.2 interpret alike. Repeated values are written out: aliases are hard to
 * read. Uses js-yaml, because the document model of the yaml package, designed for reading, takes five times
 * as long to write.
 */
export function toYaml(...documents: readonly object[]): string {
  return documents
    .map((document) => dump(document, { lineWidth: -1, noRefs: true, quoteStyle: 'double', schema }))
    .join('---\n');
}
