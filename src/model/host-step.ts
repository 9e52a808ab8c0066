/** A step on one host, as synth describes it. */
export interface HostStep {
  /** As Terraform names it: `null_resource.server1_k3s`, `null_resource.agent1_k3s[0]`. */
  readonly address: string;
  readonly host: string;
  /** What is done: `k3s`. */
  readonly step: string;
  /** Texts of what it uploads to the host, by file name; no secrets are among them. */
  readonly files: Readonly<Record<string, string>>;
}
