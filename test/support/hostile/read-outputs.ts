import { join } from 'node:path';
import type { FileTree } from '../../../src/output/file-tree';
import type { Outputs } from '../../../src/synth';
import {
  directives,
  environmentFile,
  exportsFile,
  json,
  postgresConf,
  type Read,
  unit,
  words,
  yaml,
} from './config-readers';
import { parseTemplate, type Template } from './terraform-template';
import { stackOf, variablesOf, writtenFiles } from './written-files';

/** Who reads a file, by its name: none may be left without a reader. */
const readers: readonly (readonly [RegExp, (text: string) => Read])[] = [
  // The same for all clusters.
  [/\.(sh|py)$|^(Containerfile|crds\.yaml)$/, (text) => text],
  [/^k3s\.env$/, environmentFile],
  [/\.(ya?ml)$|^kubelet\.conf$/, yaml],
  [/\.json$/, json],
  [/\.(container|service|timer|dropin)$|^logind\.conf$/, unit],
  [/^postgresql\.conf$/, postgresConf],
  [/^haproxy\.cfg$/, directives('#')],
  [/^keepalived\.conf$/, directives('#!')],
  [/\.exports$/, exportsFile],
  [/^(pg_hba|pg_ident|modules|network-manager|nfs|sysctl)\.conf$|\.(xml|rules|nft)$|^(disks|nodes)$/, words],
];

/** Everything that is written for a cluster, each file read by its own rules, and what Terraform is told. */
export function readOutputs(outputs: Outputs, folder: string): Record<string, Read> {
  const [hosts, cluster] = [onDisk(outputs.hosts), onDisk(outputs.cluster)];
  const files = writtenFiles(hosts, join(folder, 'hosts'));
  const forBash = Object.entries(files).filter(([path]) => /(step|settings|probe)\.env$/.test(path));
  const others = Object.entries(files).filter(([path]) => !/(step|settings|probe)\.env$/.test(path));
  return {
    ...Object.fromEntries(others.map(([path, text]) => [path, read(path, text, readerOf(path))])),
    ...variablesOf(join(folder, 'variables'), Object.fromEntries(forBash)),
    terraform: terraform(stackOf(hosts), ''),
    ...Object.fromEntries(
      [...cluster].map(([path, text]) => [`dist/${path}`, read(path, text, (all) => nested(yaml(all)))]),
    ),
  };
}

function onDisk(tree: FileTree): FileTree {
  return new Map([...tree].map(([path, text]) => [path, Buffer.from(text).toString()]));
}

/** Most of the files are the same again. */
const known = new Map<string, Read>();

function read(path: string, text: string, reader: (text: string) => Read): Read {
  const key = `${path}\0${text}`;
  const before = known.get(key) ?? reader(text);
  known.set(key, before);
  return before;
}

function readerOf(path: string): (text: string) => Read {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const reader = readers.find(([pattern]) => pattern.test(name));
  if (!reader)
    throw new Error(`no reader for the file '${path}': say in read-outputs.ts which program reads it how`);
  return reader[1];
}

/** Strings are templates. What writes files is left out: the files themselves are read. */
function terraform(value: unknown, key: string): Read {
  if (typeof value === 'string')
    return value.startsWith('cat >') ? 'writes a file' : parts(parseTemplate(value));
  if (Array.isArray(value)) return value.map((item) => terraform(item, key));
  if (typeof value !== 'object' || value === null) return value as Read;
  if (key === 'step_files') return Object.keys(value);
  const members = Object.entries(value).filter(([name]) => name !== '//');
  return Object.fromEntries(members.map(([name, member]) => [name, terraform(member, name)]));
}

function parts(template: Template): Read {
  return template.map((part) =>
    typeof part === 'string'
      ? part
      : {
          code: part.code.map((piece) =>
            typeof piece === 'string' ? piece : { quoted: parts(piece.quoted) },
          ),
        },
  );
}

/** Texts in manifests that programs in the cluster read as YAML. */
function nested(value: Read, key = ''): Read {
  if (typeof value === 'string') return /^valuesContent$|\.ya?ml$/.test(key) ? yaml(value) : value;
  if (Array.isArray(value)) return value.map((item) => nested(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, nested(member, name)]));
}
