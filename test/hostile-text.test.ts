import type { Config } from '../src/config/config';
import { cluster } from '../src/config/schema/cluster';
import { resolve } from '../src/model/resolve';
import { synth } from '../src/synth';
import type { Read } from './support/hostile/config-readers';
import {
  accepted,
  everyText,
  hostileRound,
  type Replacements,
  textsOf,
} from './support/hostile/hostile-config';
import { readOutputs } from './support/hostile/read-outputs';
import { textFields, textPlaces } from './support/hostile/text-places';
import { scratchFolders } from './support/scratch';

// Hostile texts stand in every field of cluster.yaml that takes a text. What validates is synthesized; the commands of the
// steps run as far as they write files; and each file is read by the rules of its program, as are Terraform's configuration
// and the manifests. There must come out what was written, and nothing else may have changed.

const scratch = scratchFolders();

/** Changes of all texts at once: `FUZZ=2000 npx jest hostile-text` tries so many. */
const rounds = Number(process.env.FUZZ ?? 2);

const documents = everyText();

function outputs(config: Config): Read {
  return readOutputs(synth(resolve(config)), scratch());
}

/** Texts in a tree, also in keys, with hashes of contents left out. */
function mapped(value: Read, change: (text: string) => string): Read {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [change(key), mapped(member as Read, change)]),
  );
}

const withoutHashes = (text: string) =>
  text
    .replace(/^applyset-[\w-]{43}-v1$/, '<applyset>')
    .replace(/\b[0-9a-f]{64}\b/g, '<sha256>')
    .replace(/(?<=\.|^)[0-9a-f]{12}\b/g, '<hash>');

/** What the outputs must be when texts are replaced by others in the file. */
function expected(before: Read, replacements: Replacements): Read {
  const literal = [...replacements.keys()].map((text) => text.replace(/[^\w ]/g, '\\$&'));
  const any = new RegExp(literal.join('|'), 'g');
  return mapped(before, (text) =>
    withoutHashes(literal.length > 0 ? text.replace(any, (found) => replacements.get(found) ?? found) : text),
  );
}

function differenceFrom(wanted: Read, config: Config): string | undefined {
  try {
    return firstDifference(wanted, mapped(outputs(config), withoutHashes));
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Where two trees differ first, and how. */
function firstDifference(wanted: Read | undefined, is: Read | undefined, path = ''): string | undefined {
  if (isTree(wanted) && isTree(is)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(is)])) {
      const found = firstDifference(wanted[key], is[key], `${path}/${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return wanted === is ? undefined : `${path} is ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`;
}

function isTree(value: Read | undefined): value is Readonly<Record<string, Read>> {
  return typeof value === 'object' && value !== null;
}

describe.each(documents)('in the cluster %#', (document) => {
  const texts = textsOf(document);
  let before: Read;
  beforeAll(() => {
    before = outputs(accepted(document, texts, new Map()).config);
  });

  /** Those of the texts that do not come out as they are, with what is different. */
  function differences(wanted: Replacements): string[] {
    const { config, replacements } = accepted(document, texts, wanted);
    const found = differenceFrom(expected(before, replacements), config);
    if (found === undefined) return [];
    if (replacements.size > 1) {
      const alone = [...replacements].flatMap(([text, other]) => differences(new Map([[text, other]])));
      return alone.length > 0 ? alone : [found];
    }
    return [`${JSON.stringify([...replacements][0])}: ${found}`];
  }

  test('every hostile text that validates comes out as it is, and changes nothing else', () => {
    for (let round = 1; round <= rounds; round++) expect(differences(hostileRound(texts, round))).toEqual([]);
  });
});

test('there is a text for every field that takes one', () => {
  const present = new Set(
    documents.flatMap((document) => textPlaces(cluster, document)).map(({ field }) => field),
  );
  expect(textFields(cluster).filter((field) => !present.has(field))).toEqual([]);
});

test('no hostile text contains another, so that each can be recognized in the outputs', () => {
  const found = documents.flatMap((document) => {
    const all = textsOf(document).map(({ text }) => text);
    return all.filter((text) => all.some((other) => other !== text && other.includes(text)));
  });
  expect(found).toEqual([]);
});
