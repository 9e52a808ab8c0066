import { type Kubectl, KubectlError } from './kubectl';
import { type ObjectName, objectKey } from './objects';

const kind = 'manifestsets.k3s-cdk.internal';

/**
 * What an apply with pruning is going to delete: objects that were applied as part of this cluster's set and are not in
 * `dist` any more. Empty before the first apply, and where the set cannot exist yet.
 *
 * @throws KubectlError
 */
export async function prunedObjects(
  kubectl: Kubectl,
  cluster: string,
  dist: readonly ObjectName[],
): Promise<ObjectName[]> {
  const set = await findSet(kubectl, cluster);
  const { labels = {}, annotations = {} } = set?.metadata ?? {};
  const id = labels['applyset.kubernetes.io/id'];
  const kinds = annotations['applyset.kubernetes.io/contains-group-kinds'] ?? '';
  if (id === undefined || kinds === '') return [];
  // Names only: some of them are Secrets.
  const columns = 'custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';
  const selector = `applyset.kubernetes.io/part-of=${id}`;
  const table = await kubectl.run('get', kinds, '-A', '-l', selector, '--no-headers', '-o', columns);
  const wanted = new Set(dist.map(objectKey));
  return table
    .split('\n')
    .flatMap((line) => {
      const [kind, namespace, name] = line.trim().split(/\s+/);
      if (kind === undefined || namespace === undefined || name === undefined) return [];
      return [{ kind, name, ...(namespace !== '<none>' && { namespace }) }];
    })
    .filter((object) => !wanted.has(objectKey(object)));
}

async function findSet(kubectl: Kubectl, cluster: string): Promise<SetObject | undefined> {
  try {
    const sets = await kubectl.list<SetObject>(kind, '--field-selector', `metadata.name=${cluster}`);
    return sets[0];
  } catch (error) {
    if (error instanceof KubectlError && error.message.includes("doesn't have a resource type"))
      return undefined;
    throw error;
  }
}

interface SetObject {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Arguments with which kubectl tracks what it applies, and deletes what is gone. */
export function pruning(cluster: string): string[] {
  return ['--prune', `--applyset=${kind}/${cluster}`];
}
