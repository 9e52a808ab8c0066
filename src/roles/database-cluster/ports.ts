/** Where Patroni answers on every database host. */
export const patroniPort = 8008;

/** Where etcd listens on its hosts. */
export const etcdPorts = { client: 2379, peer: 2380 } as const;
