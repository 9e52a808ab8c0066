import { formatPath } from './config/path';
import type { Place } from './config/place';
import { UserError } from './user-error';

/** What is wrong with the manifests because of something that the user wrote. */
export interface ManifestProblem {
  /** Stable name of what is wrong, as issues of cluster.yaml have it. */
  readonly code: string;
  readonly place: Place;
  /** @default - the value at the place */
  readonly target?: 'key';
  /** One sentence, lower case, that says what to do. */
  readonly message: string;
  readonly hint?: string;
  /** @default - an error */
  readonly severity?: 'warning';
}

/** The manifests cannot be made. Who has the texts of the files can say where in them the problems are. */
export class ManifestProblems extends UserError {
  constructor(readonly problems: readonly ManifestProblem[]) {
    super(problems.map(text).join('\n'));
  }
}

function text({ place, message, hint }: ManifestProblem): string {
  const file = place.file === undefined ? '' : `${place.file}: `;
  return `${file}${formatPath(place.path)}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
