import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { Config } from '../../../src/config/config';
import { parseConfig } from '../../../src/config/load';
import { formatPath } from '../../../src/config/path';
import { cluster } from '../../../src/config/schema/cluster';
import { parseRange } from '../../../src/net/address';
import { hostileText } from './hostile-texts';
import { type TextPlace, textPlaces } from './text-places';

/** One text of a document, wherever it stands there. */
export interface Text {
  readonly text: string;
  readonly places: readonly TextPlace[];
}

/** New texts by the old ones. */
export type Replacements = ReadonlyMap<string, string>;

const folder = join(__dirname, '../../fixtures/every-text');

/** Documents that together have a text for every field that takes one. */
export function everyText(): unknown[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => parse(readFileSync(join(folder, file), 'utf8')));
}

/** Hostile texts that are thought of for each text in a round; the first that has the right form is taken. */
const tries = 50;

/** A hostile text for each text that finds one; the same for the same number. */
export function hostileRound(texts: readonly Text[], round: number): Replacements {
  const found = new Map<string, string>();
  texts.forEach((each, index) => {
    const all = fc.sample(hostileText(each.text), { numRuns: tries, seed: round * 1000 + index });
    const taken = new Set(found.values());
    // Two keys of a mapping must not become one.
    const other = all.find((text) => fits(each, text) && !taken.has(text));
    if (other !== undefined) found.set(each.text, other);
  });
  return found;
}

/** The texts of a document that others may take the place of. */
export function textsOf(document: unknown): Text[] {
  const places = new Map<string, TextPlace[]>();
  for (const place of textPlaces(cluster, document))
    places.set(place.text, [...(places.get(place.text) ?? []), place]);
  return [...places].map(([text, all]) => ({ text, places: all })).filter((each) => !changesMore(each));
}

/** With another text than this, more changes in the outputs than a text. */
function changesMore({ text, places }: Text): boolean {
  const choosing =
    /^(patches\[\]\.(kind|name|namespace|operations\[\]\.path)|k3s\.version|images\.digests\{.*)$/;
  return (
    parseRange(text) !== undefined ||
    text.startsWith('/etc/rancher/k3s/secrets/') ||
    places.some(
      ({ field, path }) =>
        choosing.test(field) || (field.startsWith('manifests[]') && !path.includes('data')),
    )
  );
}

/** Whether another text has the form of every place that this one stands at, and means as much. */
export function fits({ text, places }: Text, other: string): boolean {
  return (
    other !== text &&
    places.every(({ schema, field }) => z.safeParse(schema, other).data === other && asMuch(field, other))
  );
}

function asMuch(field: string, other: string): boolean {
  // Terraform finds it from elsewhere, and in its shortest form.
  if (/privateKey$|^k3s\.artifacts$|recipients\[\]$/.test(field))
    return !/^[~/.]|\/$/.test(other) && posix.normalize(other) === other;
  // An id of Terraform begins with a letter, so a digit gets something before it.
  if (field === 'hosts[].name') return /^[a-z]/.test(other);
  return true;
}

export function replaced(value: unknown, replacements: Replacements): unknown {
  if (typeof value === 'string') return replacements.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, replacements));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      replacements.get(key) ?? key,
      replaced(member, replacements),
    ]),
  );
}

/** A document with as many of the new texts as make a valid one together. */
export function accepted(
  document: unknown,
  texts: readonly Text[],
  wanted: Replacements,
): { readonly config: Config; readonly replacements: Replacements } {
  const replacements = new Map(wanted);
  for (;;) {
    const { config, issues } = parseConfig(
      stringify(replaced(document, replacements)),
      'hostile.yaml',
      folder,
    );
    if (config) return { config, replacements };
    const wrong = issues.filter(({ severity }) => severity === 'error').map(({ path }) => path);
    const blamed = texts.filter(
      ({ text, places }) =>
        replacements.has(text) && places.some((place) => isAt(place, wrong, replacements)),
    );
    if (blamed.length === 0) throw new Error(`none of the texts is to blame for ${JSON.stringify(issues)}`);
    for (const { text } of blamed) replacements.delete(text);
  }
}

function isAt(
  { path, isKey, text }: TextPlace,
  wrong: readonly string[],
  replacements: Replacements,
): boolean {
  const own = [...path, ...(isKey ? [text] : [])].map((step) =>
    typeof step === 'string' ? (replacements.get(step) ?? step) : step,
  );
  const here = formatPath(own);
  return wrong.some((there) => here.startsWith(there) || there.startsWith(here));
}
