import { parse, stringify } from 'yaml';

/** How to reach a cluster as its administrator, as a kubeconfig has it. */
export interface ClusterAccess {
  /** What cluster, user and context are called: the name in cluster.yaml. */
  readonly name: string;
  /** `https://address:port`. */
  readonly server: string;
  /** Certificates of the authority, PEM in base64. */
  readonly authority: string;
  /** Name in the server's certificate. @default - the address of `server` */
  readonly serverName?: string;
  /** Credentials, by kubeconfig's own names. */
  readonly user: Readonly<Record<string, string>>;
}

/**
 * Reads what k3s writes on its servers (`/etc/rancher/k3s/k3s.yaml`), which names everything `default` and points to the
 * server itself. Undefined when something is missing in it.
 */
export function parseK3sYaml(text: string, name: string, server: string): ClusterAccess | undefined {
  const { clusters, users } = (parse(text) ?? {}) as RawKubeconfig;
  const authority = clusters?.[0]?.cluster?.['certificate-authority-data'];
  const user = users?.[0]?.user;
  return authority === undefined || user === undefined ? undefined : { name, server, authority, user };
}

interface RawKubeconfig {
  readonly clusters?: readonly { readonly cluster?: { readonly 'certificate-authority-data'?: string } }[];
  readonly users?: readonly { readonly user?: Readonly<Record<string, string>> }[];
}

/** The parts of a kubeconfig; `entries` of the three lists all have the cluster's name. */
export function kubeconfigEntries({ name, server, serverName, authority, user }: ClusterAccess) {
  const cluster = {
    'certificate-authority-data': authority,
    server,
    ...(serverName !== undefined && { 'tls-server-name': serverName }),
  };
  return {
    clusters: { name, cluster },
    users: { name, user },
    contexts: { name, context: { cluster: name, user: name } },
  };
}

/** A kubeconfig of this cluster alone. */
export function standaloneKubeconfig(access: ClusterAccess): string {
  const { clusters, users, contexts } = kubeconfigEntries(access);
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [clusters],
      users: [users],
      contexts: [contexts],
      'current-context': access.name,
    },
    { lineWidth: 0 },
  );
}
