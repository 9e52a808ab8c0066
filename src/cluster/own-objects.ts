import { identityOf } from '../config/objects/manifest';
import { formatPath } from '../config/path';
import { quote } from '../config/quote';
import type { KubernetesSchemas } from '../kubernetes/schemas';
import { UserError } from '../user-error';
import type { DistObject } from './dist-object';
import { schemaFindings } from './schema-findings';

/**
 * Checks what charts made, those of this tool and of `src/apps`; what cluster.yaml says is reported where it stands.
 * Releases that the schemas do not have may have other fields.
 *
 * @throws UserError listing everything that the API server would refuse.
 */
export function checkOwnObjects(objects: readonly DistObject[], schemas: KubernetesSchemas): void {
  const made = objects.filter(({ place }) => !place);
  checkNames(made);
  if (!schemas.exact) return;
  const lines = schemaFindings(made, schemas)
    .filter(({ author }) => !author)
    .map(({ object: { file, manifest }, finding: { path, message, hint } }) => {
      const at = path.length > 0 ? `${formatPath(path)}: ` : '';
      return `  dist/${file}: ${manifest.kind} ${quote(manifest.metadata.name)}: ${at}${message}${hint === undefined ? '' : ` (${hint})`}`;
    });
  if (lines.length > 0)
    throw new UserError(
      `Kubernetes ${schemas.release} does not accept what a chart makes: correct the chart\n${lines.join('\n')}`,
    );
}

/** Of two objects of one name, only one would be in the cluster. */
function checkNames(objects: readonly DistObject[]): void {
  const files = new Map<string, string>();
  for (const { file, manifest } of objects) {
    const id = identityOf(manifest);
    const other = files.get(id);
    files.set(id, file);
    if (other === undefined) continue;
    const { namespace, name } = manifest.metadata;
    const where = namespace === undefined ? '' : ` in the namespace ${quote(namespace)}`;
    throw new UserError(
      `the ${manifest.kind} ${quote(name)}${where} is made twice, in 'dist/${other}'${other === file ? '' : ` and 'dist/${file}'`}: give one of them another ID or 'metadata.name'`,
    );
  }
}
