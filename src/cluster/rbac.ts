import {
  KubeClusterRole,
  KubeClusterRoleBinding,
  KubeRole,
  KubeRoleBinding,
  KubeServiceAccount,
  type PolicyRule,
} from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';

const apiGroup = 'rbac.authorization.k8s.io';

export interface AccountProps {
  readonly name: string;
  readonly namespace: string;
}

/** A ServiceAccount. */
export class Account extends Construct {
  readonly name: string;
  readonly namespace: string;

  constructor(scope: Construct, id: string, { name, namespace }: AccountProps) {
    super(scope, id);
    this.name = name;
    this.namespace = namespace;
    new KubeServiceAccount(this, 'account', { metadata: { name, namespace } });
  }
}

export interface GrantProps {
  /** Name of the role and of its binding. */
  readonly name: string;
  readonly rules: PolicyRule[];
  readonly to: readonly AccountProps[];
  /**
   * Where the rules hold.
   * @default - in the whole cluster
   */
  readonly namespace?: string;
}

/** A role and its binding. */
export class Grant extends Construct {
  constructor(scope: Construct, id: string, { name, rules, to, namespace }: GrantProps) {
    super(scope, id);
    const subjects = to.map((account) => ({
      kind: 'ServiceAccount',
      name: account.name,
      namespace: account.namespace,
    }));
    if (namespace === undefined) {
      new KubeClusterRole(this, 'role', { metadata: { name }, rules });
      const roleRef = { apiGroup, kind: 'ClusterRole', name };
      new KubeClusterRoleBinding(this, 'binding', { metadata: { name }, roleRef, subjects });
    } else {
      new KubeRole(this, 'role', { metadata: { name, namespace }, rules });
      const roleRef = { apiGroup, kind: 'Role', name };
      new KubeRoleBinding(this, 'binding', { metadata: { name, namespace }, roleRef, subjects });
    }
  }
}

/** A rule in one line: what may be done with which resources of an API group (`''` is the core one). */
export function rule(group: string, resources: string[], verbs: string[], names?: string[]): PolicyRule {
  return { apiGroups: [group], resources, verbs, ...(names && { resourceNames: names }) };
}

/** Verbs for watching objects. */
export const read = ['get', 'list', 'watch'];
