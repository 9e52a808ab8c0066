import type { Path } from './path';

/** Where something is that the user wrote: in cluster.yaml, or in a file that it names. */
export interface Place {
  /** As issues call it. @default - cluster.yaml itself */
  readonly file?: string;
  /** In the structure of the file; of one with several documents, the first step is the number of the document. */
  readonly path: Path;
}
