/** Options of `k3s-cdk destroy`. */
export interface DestroyOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Delete what databases, backups and volumes have stored, too. */
  readonly purge: boolean;
  /** Answers whether the cluster may be uninstalled. */
  readonly yes: boolean;
  /** Name of the cluster: confirms that its data may be deleted. @default - asks */
  readonly deleteDataOf?: string;
}
