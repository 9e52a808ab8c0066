/** What a run did to one file. */
export interface SecretChange {
  /**
   * `made`: it was missing. `renewed`: a certificate was replaced. `copied`: a copy now equals its original.
   * `restored`: the original was missing and is taken from its copies. `fetched`: it was missing and a host had it.
   * `replaced`: it has another content, as asked for. `protected`: others could read it.
   */
  readonly kind: 'created' | 'renewed' | 'copied' | 'restored' | 'fetched' | 'replaced' | 'protected';
  /** Relative to the folder of cluster.yaml. */
  readonly path: string;
}

/** Something that a person has to decide on. */
export interface SecretFinding {
  /** `error`: a deployment would fail or do harm. `warning`: it can wait. */
  readonly severity: 'error' | 'warning';
  /** One sentence that names the file and what to do. Never holds a secret. */
  readonly message: string;
}

export class SecretsReport {
  readonly changes: SecretChange[] = [];
  readonly findings: SecretFinding[] = [];
  /** Files below `secrets/` that this cluster does not use (any more). */
  readonly unused: string[] = [];

  changed(kind: SecretChange['kind'], path: string): void {
    this.changes.push({ kind, path });
  }

  found(severity: SecretFinding['severity'], message: string): void {
    this.findings.push({ severity, message });
  }

  /** Whether everything is there and valid. */
  get complete(): boolean {
    return this.findings.every(({ severity }) => severity !== 'error');
  }
}
