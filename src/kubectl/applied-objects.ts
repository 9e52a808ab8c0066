/** What kubectl did, or would do, to one object. */
export interface AppliedObject {
  /** As kubectl names it: `deployment.apps/controller`. */
  readonly object: string;
  readonly change: 'created' | 'configured' | 'pruned';
}

/** Reads what `kubectl apply` prints; what it left unchanged is left out. */
export function appliedObjects(output: string): AppliedObject[] {
  return output.split('\n').flatMap((line) => {
    const [, object, change] = /^([^\s/]+\/\S+) (created|configured|pruned)( \(.*\))?$/.exec(line) ?? [];
    return object !== undefined && change !== undefined
      ? [{ object, change: change as AppliedObject['change'] }]
      : [];
  });
}
