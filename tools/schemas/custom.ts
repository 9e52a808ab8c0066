import { parseAllDocuments } from 'yaml';
import { type JsonSchema, kindOf } from '../../src/kubernetes/json-schema';
import { textOf } from './shape-text';

export interface Crd {
  readonly kind?: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      name: string;
      served?: boolean;
      schema?: { openAPIV3Schema?: JsonSchema };
    }[];
  };
}

export function documentsOf(text: string): Crd[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Crd | null)
    .filter((document): document is Crd => document?.kind === 'CustomResourceDefinition');
}

/** Kinds of others, every version that is served. */
export function customText(crds: readonly Crd[]): string {
  const lines = crds.flatMap(({ spec }) =>
    spec.versions
      .filter(({ served }) => served !== false)
      .map(({ name, schema }) => {
        const shape = kindOf(schema?.openAPIV3Schema ?? {});
        return `${spec.group}/${name}/${spec.names.kind} ${textOf(shape)}`;
      }),
  );
  const sorted = [...new Set(lines)].sort();
  return `# Written by \`npm run schemas\` from the CRDs of their projects; changes here are lost.\n${sorted.join('\n')}\n`;
}
