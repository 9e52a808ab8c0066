import { hostRange, isMeantAsRange, maxHosts } from './host-range';
import { isMap } from './is-map';
import { type Group, mergedKeys, type Origin, Origins } from './origins';
import type { Path } from './path';
import type { Complaint } from './positions';
import { quote } from './quote';
import { didYouMean } from './suggest';

type Mapping = Readonly<Record<string, unknown>>;

/** cluster.yaml with an item of `hosts` for every host. */
export interface ExpandedHosts {
  readonly value: unknown;
  readonly origins: Origins;
  /** By paths in the file. */
  readonly complaints: readonly (readonly [Path, Complaint])[];
  /** Paths in the file of which a schema would complain as a consequence. */
  readonly hidden: readonly Path[];
}

/**
 * Gives hosts what their groups say, and makes as many of an entry as its ranges stand for. What has another form than it
 * should is left for the schema to find.
 */
export function expandHosts(value: unknown): ExpandedHosts {
  const hosts = isMap(value) ? value.hosts : undefined;
  if (!isMap(value) || !Array.isArray(hosts))
    return { value, origins: new Origins([]), complaints: [], hidden: [] };
  const expander = new HostExpander(isMap(value.groups) ? value.groups : {});
  hosts.forEach((host: unknown, entry) => {
    expander.add(host, entry);
  });
  const { complaints, hidden } = expander;
  const origins = new Origins(expander.origins);
  return { value: { ...value, hosts: expander.hosts }, origins, complaints, hidden };
}

/** A text of an entry that may be a range. */
interface Field {
  readonly path: Path;
  readonly text: string;
  /** What it stands for. Undefined when that has been complained of. */
  readonly texts: readonly string[] | undefined;
}

class HostExpander {
  readonly hosts: unknown[] = [];
  readonly origins: Origin[] = [];
  readonly complaints: [Path, Complaint][] = [];
  readonly hidden: Path[] = [];

  constructor(private readonly groups: Mapping) {}

  add(host: unknown, entry: number): void {
    const own = isMap(host) ? host : {};
    const at: Path = ['hosts', entry];
    const group = this.groupOf(own, at);
    const common = group ? withSettings(own, group.settings) : host;
    for (const numbered of this.numbered(own, at) ?? [undefined]) {
      const name = numbered?.name ?? own.name;
      this.hosts.push(numbered ? { ...(common as Mapping), ...numbered } : common);
      this.origins.push({ entry, own, ...(group && { group }), ...(typeof name === 'string' && { name }) });
    }
  }

  private groupOf({ group: name }: Mapping, at: Path): Group | undefined {
    if (name === undefined) return undefined;
    const settings = typeof name === 'string' && Object.hasOwn(this.groups, name) && this.groups[name];
    if (isMap(settings)) return { name: String(name), settings };
    this.hidden.push([...at, 'roles']);
    const known = Object.keys(this.groups);
    if (typeof name !== 'string' || known.includes(name)) return undefined;
    const message = `there is no group ${quote(name)} in 'groups'`;
    this.complaints.push([[...at, 'group'], { code: 'unknown-group', message, ...didYouMean(name, known) }]);
    return undefined;
  }

  /** What differs between the hosts that an entry stands for; undefined for one without ranges. */
  private numbered(own: Mapping, at: Path): readonly Mapping[] | undefined {
    const texts = fieldsOf(own);
    if (!texts.some(([, text]) => isMeantAsRange(text))) return undefined;
    const before = this.complaints.length;
    const fields = texts.map(([key, text]) => this.field([...at, ...key], text));
    const name = fields.find(({ path }) => path.at(-1) === 'name');
    if (name?.texts) this.checkLengths(name, fields);
    if (name?.texts && this.complaints.length === before)
      return name.texts.map((_, n) => {
        const other = new Map(fields.map(({ path, texts }) => [path.slice(2).join(), texts?.[n]]));
        const { address, nodeIps } = own;
        return {
          name: other.get('name'),
          ...('address' in own && { address: other.get('address') ?? address }),
          ...(Array.isArray(nodeIps) && {
            nodeIps: nodeIps.map((ip: unknown, i) => other.get(`nodeIps,${i}`) ?? ip),
          }),
        };
      });
    this.hidden.push(...fields.map(({ path }) => path));
    return undefined;
  }

  private field(path: Path, text: string): Field {
    if (!isMeantAsRange(text)) return { path, text, texts: [text] };
    const { texts, problem } = hostRange(text);
    if (problem !== undefined) this.complain(path, problem);
    return { path, text, texts };
  }

  private checkLengths(name: Field, fields: readonly Field[]): void {
    const count = name.texts?.length ?? 0;
    for (const { path, text, texts } of fields) {
      if (!texts || texts.length === count) continue;
      const addresses = texts.length === 1 ? 'one address' : `${texts.length} addresses`;
      const hosts = `${quote(name.text)} for ${count === 1 ? 'one host' : `${count} hosts`}`;
      this.complain(
        path,
        `${quote(text)} stands for ${addresses} and ${hosts}: write ranges of the same length`,
      );
    }
    const all = this.hosts.length + count;
    if (all > maxHosts)
      this.complain(
        name.path,
        `with these there are ${all} hosts: Kubernetes is made for at most ${maxHosts}`,
      );
  }

  private complain(path: Path, message: string): void {
    this.complaints.push([path, { code: 'host-range', message }]);
  }
}

/** The texts of an entry that may be ranges. */
function fieldsOf({ name, address, nodeIps }: Mapping): [Path, string][] {
  const ips: readonly unknown[] = Array.isArray(nodeIps) ? nodeIps : [];
  const all: [Path, unknown][] = [
    [['name'], name],
    [['address'], address],
    ...ips.map((ip, n): [Path, unknown] => [['nodeIps', n], ip]),
  ];
  return all.filter((field): field is [Path, string] => typeof field[1] === 'string');
}

function withSettings(own: Mapping, settings: Mapping): Mapping {
  const all: Record<string, unknown> = { ...settings, ...own };
  for (const key of mergedKeys) {
    const [above, below] = [own[key], settings[key]];
    if (isMap(above) && isMap(below)) all[key] = { ...below, ...above };
  }
  return all;
}
