import { dump } from 'js-yaml';

/**
 * YAML that readers of 1.1 and of 1.2 take alike. What occurs twice is written twice: aliases are hard to read.
 * js-yaml, because the document model of the yaml package, made for reading, takes five times as long to write.
 */
export function toYaml(...documents: readonly object[]): string {
  return documents
    .map((document) => dump(document, { lineWidth: -1, noRefs: true, quoteStyle: 'double' }))
    .join('---\n');
}
