/** Options of `k3s-cdk destroy`. */
export interface DestroyOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Delete what databases, backups and volumes have stored, too. */
  readonly purge: boolean;
  /** Answers whether the cluster may go. */
  readonly yes: boolean;
  /** Name of the cluster: answers whether its data may go. @default - asks */
  readonly deleteDataOf?: string;
}
