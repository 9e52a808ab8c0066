import { load } from 'js-yaml';
import type { Manifest } from '../../config/objects/manifest';
import { toYaml } from '../yaml';

type Spec = Readonly<Record<string, unknown>>;

function specOf({ apiVersion, kind, spec }: Manifest): Spec | undefined {
  const ofHelm = apiVersion.startsWith('helm.cattle.io/') && /^HelmChart(Config)?$/.test(kind);
  return ofHelm && typeof spec === 'object' && spec !== null ? (spec as Spec) : undefined;
}

/** A chart with its values as a mapping rather than as text; any other object as it is. */
export function withOpenValues(manifest: Manifest): Manifest {
  const spec = specOf(manifest);
  if (typeof spec?.valuesContent !== 'string') return manifest;
  try {
    const values = load(spec.valuesContent) ?? {};
    return typeof values === 'object' ? { ...manifest, spec: { ...spec, valuesContent: values } } : manifest;
  } catch {
    return manifest;
  }
}

/** A chart whose values are text, as the Helm controller reads them, also where they were written as a mapping. */
export function withClosedValues(manifest: Manifest): Manifest {
  const spec = specOf(manifest);
  const values = spec?.valuesContent;
  return typeof values === 'object' && values !== null
    ? { ...manifest, spec: { ...spec, valuesContent: toYaml(values) } }
    : manifest;
}
