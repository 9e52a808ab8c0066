import type { Draft } from './draft';
import type { Issue } from './issue';
import type { Path } from './path';
import type { Positions } from './positions';
import { rules } from './rules';

/** Runs every rule over what decoded. A rule reports a path; here it becomes a position. */
export function check(draft: Draft | undefined, positions: Positions): Issue[] {
  if (!draft) return [];
  const written = (path: Path) => positions.find(path) !== undefined;
  return Object.entries(rules).flatMap(([code, rule]) =>
    [...rule(draft, written)].map(({ path, target, ...complaint }) =>
      positions.issueAtPath(path, { code, ...complaint }, target),
    ),
  );
}
