import type { Addons } from '../../model/addons';

type Issuer = NonNullable<Addons['certManager']>['issuers'][number];
type Vault = NonNullable<Issuer['vault']>;
type Acme = NonNullable<Issuer['acme']>;

const namespace = 'cert-manager';

/** ClusterIssuers, and what the ones for Vault need to log in there. */
export function clusterIssuers(issuers: readonly Issuer[]): object[] {
  return issuers.flatMap((issuer) => [
    ...(issuer.vault?.kubernetes ? tokenMaker(issuer.vault.kubernetes.serviceAccount) : []),
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: { name: issuer.name },
      spec: spec(issuer),
    },
  ]);
}

function spec({ name, selfSigned, ca, acme, vault }: Issuer): object {
  if (selfSigned) return { selfSigned };
  if (ca) return { ca: { secretName: ca.secret } };
  if (acme) return { acme: acmeSpec(name, acme) };
  if (vault) return { vault: vaultSpec(vault) };
  throw new Error(`issuer '${name}' has no kind: give it one of selfSigned, ca, acme and vault`);
}

function acmeSpec(name: string, { email, server, dns01, solvers }: Acme): object {
  return {
    email,
    server,
    // The account's key; cert-manager makes it.
    privateKeySecretRef: { name: `${name}-account` },
    solvers: solvers ?? [dns01 ? { dns01 } : { http01: { ingress: { ingressClassName: 'traefik' } } }],
  };
}

function vaultSpec({
  server,
  path,
  namespace,
  caBundleSecret,
  kubernetes,
  appRole,
  tokenSecret,
}: Vault): object {
  return {
    server,
    path,
    ...(namespace !== undefined && { namespace }),
    ...(caBundleSecret && { caBundleSecretRef: caBundleSecret }),
    auth: {
      ...(kubernetes && {
        kubernetes: {
          role: kubernetes.role,
          mountPath: kubernetes.mountPath,
          serviceAccountRef: { name: kubernetes.serviceAccount },
        },
      }),
      ...(appRole && { appRole: { path: appRole.path, roleId: appRole.roleId, secretRef: appRole.secret } }),
      ...(tokenSecret && { tokenSecretRef: tokenSecret }),
    },
  };
}

/** A ServiceAccount with which cert-manager logs in to Vault, by short-lived tokens that it may create. */
function tokenMaker(name: string): object[] {
  const metadata = { name, namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        { apiGroups: [''], resources: ['serviceaccounts/token'], resourceNames: [name], verbs: ['create'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: 'cert-manager', namespace }],
    },
  ];
}
