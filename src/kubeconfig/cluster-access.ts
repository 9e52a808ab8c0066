import { stringify } from 'yaml';

/** How to reach a cluster as its administrator, in the terms of a kubeconfig. */
export interface ClusterAccess {
  /** Name of cluster, user and context: that in cluster.yaml. */
  readonly name: string;
  /** `https://address:port`. */
  readonly server: string;
  /** Certificates of the CA, PEM in base64. */
  readonly authority: string;
  /** Name in the server's certificate. @default - the address of `server` */
  readonly serverName?: string;
  /** Credentials, PEM in base64, under kubeconfig's names. */
  readonly user: Readonly<Record<'client-certificate-data' | 'client-key-data', string>>;
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
