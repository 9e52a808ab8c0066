import { type Document, isMap, isSeq, parseDocument, YAMLMap, YAMLSeq } from 'yaml';
import { UserError } from '../user-error';
import { type ClusterAccess, kubeconfigEntries, standaloneKubeconfig } from './cluster-access';

export interface MergedKubeconfig {
  /** The whole file; equal to what it was when nothing is new. Comments and all other entries are kept. */
  readonly text: string;
  /**
   * What happened to the context: `added`; `updated`, the same cluster according to its CA; `replaced`, it
   * pointed to another cluster; `unchanged`.
   */
  readonly context: 'added' | 'updated' | 'replaced' | 'unchanged';
  /** The context that kubectl uses when none is named. */
  readonly currentContext: string;
}

/**
 * Puts a cluster into a kubeconfig under its name. Other contexts stay as they are, and so does the current one unless
 * there is none.
 *
 * @throws UserError, the rest of a sentence about the file, when the file is not a kubeconfig, or another context uses our name for something else
 */
export function mergeKubeconfig(existing: string | undefined, access: ClusterAccess): MergedKubeconfig {
  if (existing === undefined || existing.trim() === '')
    return { text: standaloneKubeconfig(access), context: 'added', currentContext: access.name };
  const document = parseDocument(existing);
  if (document.errors[0])
    throw new UserError(`is not valid YAML: ${document.errors[0].message.split('\n')[0]}`);
  if (!isMap(document.contents)) throw new UserError('is not a kubeconfig: it has no keys');

  const content = valuesOf(document);
  const before = kubeconfigOf(document, content);
  const { name } = access;
  const known = entry(before.clusters, name)?.cluster ?? undefined;
  const isOther = known !== undefined && known['certificate-authority-data'] !== access.authority;
  const hadContext = entry(before.contexts, name) !== undefined;
  if (isOther || !hadContext) refuseIfUsedByOthers(before, name, isOther || known === undefined);

  const wanted = kubeconfigEntries(access);
  // A namespace that the user has set stays, unless it was for another cluster.
  const namespace = isOther ? undefined : entry(before.contexts, name)?.context?.namespace;
  const context = { ...wanted.contexts.context, ...(namespace !== undefined && { namespace }) };
  put(document, 'clusters', wanted.clusters);
  put(document, 'users', wanted.users);
  put(document, 'contexts', { name, context });
  if (!before['current-context']) document.set('current-context', name);

  const currentContext = before['current-context'] || name;
  if (JSON.stringify(document.toJS()) === JSON.stringify(content))
    return { text: existing, context: 'unchanged', currentContext };
  // kubectl writes lists without indentation.
  const text = document.toString({ lineWidth: 0, indentSeq: !/^- /m.test(existing) });
  return { text, context: !hadContext ? 'added' : isOther ? 'replaced' : 'updated', currentContext };
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters: Entries<'cluster', { readonly 'certificate-authority-data'?: string }>;
  readonly users: Entries<'user', unknown>;
  readonly contexts: Entries<'context', ContextEntry>;
}
type Entries<K extends string, T> = readonly Named<K, T>[];
interface ContextEntry {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}
type Named<K extends string, T> = { readonly name?: string } & { readonly [key in K]?: T };

type Members = Readonly<Record<string, unknown>>;

function valuesOf(document: Document): Members {
  try {
    return document.toJS();
  } catch {
    throw new UserError('is not a kubeconfig: its aliases cannot be resolved');
  }
}

/**
 * What is in the file, as far as it has the form of a kubeconfig: other entries stay.
 *
 * @throws UserError with the rest of a sentence about the file
 */
function kubeconfigOf(document: Document, content: Members): Kubeconfig {
  const entries = <K extends string, T>(list: string): Entries<K, T> => {
    const value = content[list] ?? [];
    if (!Array.isArray(value) || (value.length > 0 && !isSeq(document.get(list))))
      throw new UserError(`is not a kubeconfig that can be changed: '${list}' is not a plain list`);
    return value.filter((item) => typeof item === 'object' && item !== null);
  };
  const current = content['current-context'];
  return {
    ...(typeof current === 'string' && { 'current-context': current }),
    clusters: entries('clusters'),
    users: entries('users'),
    contexts: entries('contexts'),
  };
}

function entry<T extends { readonly name?: string }>(list: readonly T[], name: string): T | undefined {
  return list.find((item) => item.name === name);
}

/** Replacing a cluster or user that another context refers to would change where that context points. */
function refuseIfUsedByOthers(
  { clusters, users, contexts }: Kubeconfig,
  name: string,
  otherCluster: boolean,
): void {
  const others = contexts.filter((context) => context.name !== name);
  const usesCluster = otherCluster && entry(clusters, name) !== undefined;
  const usesUser = entry(users, name) !== undefined;
  const user = others.find(
    ({ context }) => (usesCluster && context?.cluster === name) || (usesUser && context?.user === name),
  );
  if (user)
    throw new UserError(
      `has a context '${user.name}' that uses '${name}' for something else: rename that entry, or write this cluster to a file of its own with --output`,
    );
}

/** Sets one entry of a list, keeping everything around it. */
function put<T extends { readonly name: string }>(document: Document, list: string, value: T): void {
  if (!isSeq(document.get(list))) document.set(list, new YAMLSeq());
  const items = (document.get(list) as YAMLSeq).items;
  const index = items.findIndex((item) => isMap(item) && item.get('name') === value.name);
  const old = items[index];
  if (old instanceof YAMLMap && JSON.stringify(old.toJSON()) === JSON.stringify(value)) return;
  const node = document.createNode(value);
  if (old instanceof YAMLMap) {
    if (old.commentBefore) node.commentBefore = old.commentBefore;
    items[index] = node;
  } else items.push(node);
}
