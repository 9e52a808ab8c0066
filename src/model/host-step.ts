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

/** All that is known of a step before it has run anywhere. */
export interface SynthesizedStep extends HostStep {
  /** Those of its files that other hosts get too: one object for all of them. */
  readonly shared: Readonly<Record<string, string>>;
  /** Those that only this host gets, with step.env among them. */
  readonly own: Readonly<Record<string, string>>;
  /** Files as people review them, where that differs: without what depends on known_hosts. */
  readonly reviewed: Readonly<Record<string, string>>;
  /** What runs it again when it changes. Those that Terraform evaluates are its expressions. */
  readonly triggers: Readonly<Record<string, string>>;
  /** What has to be done before: addresses in Terraform, without the index of an instance. */
  readonly after: readonly string[];
  /** Folder of the operator that is uploaded, as cluster.yaml or this tool has it. Undefined: none. */
  readonly upload?: string;
}

/** Whether a step runs a file, or has it beside for what it runs. */
export function isScript(name: string): boolean {
  return /\.(sh|py)$/.test(name);
}
