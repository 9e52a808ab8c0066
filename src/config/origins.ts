import { isMap } from './is-map';
import { formatPath, type Path } from './path';

type Mapping = Readonly<Record<string, unknown>>;

/** What a host adds to that of its group, key by key. All else replaces it. */
export const mergedKeys: readonly string[] = ['config', 'labels', 'ssh'];

/** Settings of a group, and its name. */
export interface Group {
  readonly name: string;
  readonly settings: Mapping;
}

/** Where a host after expansion comes from. */
export interface Origin {
  /** Index of its entry in the file. */
  readonly entry: number;
  /** What the entry says. */
  readonly own: Mapping;
  readonly group?: Group;
  readonly name?: string;
}

/** Says of every part of an expanded host where in the file it is written. */
export class Origins {
  private readonly sizes = new Map<string, number>();

  /** @param hosts of each host in the expanded list */
  constructor(private readonly hosts: readonly Origin[]) {
    for (const { entry, group } of hosts) {
      for (const path of [['hosts', entry], ...(group ? [['groups', group.name]] : [])]) {
        const owner = formatPath(path);
        this.sizes.set(owner, (this.sizes.get(owner) ?? 0) + 1);
      }
    }
  }

  /** The path in the file of what is at a path in the expanded list. */
  of(path: Path): Path {
    const host = this.hostOf(path);
    if (!host) return path;
    const rest = path.slice(2);
    return host.group && isInherited(host.own, host.group.settings, rest)
      ? ['groups', host.group.name, ...rest]
      : ['hosts', host.entry, ...rest];
  }

  /** Name of the host that is at a path in the expanded list, if what is written there holds for others, too. */
  nameOf(path: Path): string | undefined {
    return this.sharing(formatPath(this.of(path))) > 1 ? this.hostOf(path)?.name : undefined;
  }

  /** How many hosts have what is at a path in the file. */
  sharing(path: string): number {
    const [owner = ''] = /^(hosts\[\d+\]|groups\.[\w-]+)/.exec(path) ?? [];
    return this.sizes.get(owner) ?? 0;
  }

  private hostOf([section, index]: Path): Origin | undefined {
    return section === 'hosts' && typeof index === 'number' ? this.hosts[index] : undefined;
  }
}

function isInherited(own: Mapping, settings: Mapping, [key, member]: Path): boolean {
  if (key === undefined || !Object.hasOwn(settings, key)) return false;
  if (!Object.hasOwn(own, key)) return true;
  if (member === undefined || !mergedKeys.includes(String(key))) return false;
  const [above, below] = [own[key], settings[key]];
  return isMap(above) && isMap(below) && Object.hasOwn(below, member) && !Object.hasOwn(above, member);
}
