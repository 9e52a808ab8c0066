import { formatPath } from '../config/path';
import { quote } from '../config/quote';
import type { KubernetesSchemas } from '../kubernetes/schemas';
import { UserError } from '../user-error';
import { authorOf, type DistObject } from './dist-object';

/**
 * Checks what charts made, those of this tool and of `src/apps`; what cluster.yaml says is reported where it stands.
 * Releases that the schemas do not have may have other fields.
 *
 * @throws UserError listing everything that the API server would refuse.
 */
export function checkOwnObjects(objects: readonly DistObject[], schemas: KubernetesSchemas): void {
  if (!schemas.exact) return;
  const lines = objects
    .filter(({ place }) => !place)
    .flatMap((object) =>
      schemas
        .check(object.manifest)
        .filter(({ code, path }) => !authorOf(object, path, code === 'unknown-field' ? 'key' : 'value'))
        .map(({ path, message, hint }) => {
          const { kind, metadata } = object.manifest;
          const at = path.length > 0 ? `${formatPath(path)}: ` : '';
          return `  dist/${object.file}: ${kind} ${quote(metadata.name)}: ${at}${message}${hint === undefined ? '' : ` (${hint})`}`;
        }),
    );
  if (lines.length > 0)
    throw new UserError(
      `Kubernetes ${schemas.release} does not accept what a chart makes: correct the chart\n${lines.join('\n')}`,
    );
}
