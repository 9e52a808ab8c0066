import type { Issue } from './issue';
import type { Origins } from './origins';
import { quote } from './quote';

/**
 * Says once what is found of several hosts that have it from one entry or group: of the first and of how many more, or
 * without any name if all of them have it.
 */
export function sharedIssues(issues: readonly Issue[], origins: Origins): Issue[] {
  const alike = new Map<string, [Issue, ...Issue[]]>();
  const key = ({ line, column, code }: Issue) => `${line}:${column}:${code}`;
  for (const issue of issues) {
    if (issue.host === undefined) continue;
    const known = alike.get(key(issue));
    if (known) known.push(issue);
    else alike.set(key(issue), [issue]);
  }
  return issues.flatMap((issue) => {
    const all = alike.get(key(issue));
    if (issue.host === undefined || !all) return [issue];
    const [first] = all;
    if (issue.host !== first.host) return [];
    const { host, ...rest } = issue;
    const same = all.filter(({ message }) => message === issue.message).length;
    if (same === origins.sharing(issue.path)) return [rest];
    const count = new Set(all.map((each) => each.host)).size;
    if (count === 1 && issue.message.includes(quote(host))) return [issue];
    const more = count === 1 ? '' : ` and ${count - 1} more ${count === 2 ? 'host' : 'hosts'}`;
    return [{ ...issue, message: `${issue.message} (for ${quote(host)}${more})` }];
  });
}
