import type { Draft } from '../draft';
import type { Path } from '../path';

/** A problem that a rule found. The reader turns its path into a position. */
export interface Finding {
  readonly path: Path;
  /** One sentence, lower case, quoting the value and saying what to do. */
  readonly message: string;
  readonly hint?: string;
  /** Where the other of two conflicting values is: the hint names its line. */
  readonly other?: Path;
  /** @default - an error */
  readonly severity?: 'warning';
  /** Points at the key rather than at the value. @default - the value */
  readonly target?: 'key';
}

/** Whether cluster.yaml itself says something at a path, as opposed to a default or a host's group. */
export type Written = (path: Path) => boolean;

/** The unquoted text at a path, as it is written; undefined for all else. */
export type Plain = (path: Path) => string | undefined;

/**
 * A check across fields. The config may have holes where the decoder has already reported something: a rule
 * ignores what it cannot know.
 */
export type Rule = (config: Draft, written: Written, plain: Plain) => Iterable<Finding>;
