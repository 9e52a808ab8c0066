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
  if (!schemas.exact) return;
  const made = objects.filter(({ place }) => !place);
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
