import type { Issue } from './issue';
import type { Place } from './place';
import { type Complaint, type Positions, spanOf } from './positions';

/** cluster.yaml and the files that it names, to say where in them something is. */
export class Sources {
  private readonly others = new Map<string, Positions>();

  constructor(private readonly cluster: Positions) {}

  add(source: Positions): void {
    this.others.set(source.file, source);
  }

  /** The text of a file, by the name that issues have for it. */
  readonly textOf = (file: string): string => this.of(file).text;

  /** @param other what this one is in conflict with: the hint says where it is */
  issue(place: Place, complaint: Complaint, target?: 'value' | 'key', other?: Place): Issue {
    const source = this.of(place.file);
    const hint = other && { hint: this.otherOne(other, place) };
    return source.issueAtPath(place.path, { ...hint, ...complaint }, target);
  }

  /** What stands at a place without quotes, as it is written; undefined for all else. */
  plain({ file, path }: Place): string | undefined {
    return this.of(file).plain(path);
  }

  private otherOne({ file, path }: Place, from: Place): string {
    const source = this.of(file);
    const sentence = source.otherLine(spanOf(source.find(path)?.value));
    return file === from.file ? sentence : `${sentence} of ${source.file}`;
  }

  private of(file: string | undefined): Positions {
    return (file === undefined ? undefined : this.others.get(file)) ?? this.cluster;
  }
}
