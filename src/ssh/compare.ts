import { type HostKey, hostKeyTypes } from '../model/known-hosts';

/** How the keys that a server presents relate to the known ones. */
export interface KeyComparison {
  /** Keys to be confirmed. Empty when what Terraform compares is known. */
  readonly unknown: readonly HostKey[];
  /** Keys of a known type that are not the known ones: another machine, a new installation, or an attack. */
  readonly changed: readonly { readonly known: HostKey; readonly found: HostKey }[];
}

export function compareKeys(known: readonly HostKey[], found: readonly HostKey[]): KeyComparison {
  const isKnown = ({ type, key }: HostKey) => known.some((other) => other.type === type && other.key === key);
  const unlisted = found.filter((key) => !isKnown(key));
  const changed = unlisted.flatMap((key) => {
    const before = known.find(({ type }) => type === key.type);
    return before ? [{ known: before, found: key }] : [];
  });
  const compared = hostKeyTypes
    .map((type) => found.find((key) => key.type === type))
    .find((key) => key !== undefined);
  const complete = changed.length > 0 || (compared !== undefined && isKnown(compared));
  return { unknown: complete ? [] : unlisted, changed };
}
