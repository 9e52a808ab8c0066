/** What the hosts need from the other output. */
export interface HostsContext {
  /** CustomResourceDefinitions for k3s to install at its first start. */
  readonly crds: string;
  /** Object of one of them, made where there is none yet. */
  readonly manifestSet: string;
}
