import type { Draft } from './draft';
import type { Issue } from './issue';
import type { Path } from './path';
import { type Positions, spanOf } from './positions';
import { rules } from './rules';

/** Runs every rule over the decoded config. A rule reports a path, which becomes a position here. */
export function check(draft: Draft | undefined, positions: Positions): Issue[] {
  if (!draft) return [];
  const written = (path: Path) => positions.origin(path)[0] === path[0] && positions.find(path) !== undefined;
  const plain = (path: Path) => positions.plain(path);
  return Object.entries(rules).flatMap(([code, rule]) =>
    [...rule(draft, written, plain)].map(({ path, target, other, ...complaint }) => {
      const hint = other && { hint: positions.otherLine(spanOf(positions.find(other)?.value)) };
      return positions.issueAtPath(path, { code, ...hint, ...complaint }, target);
    }),
  );
}
