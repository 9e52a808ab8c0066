/** Something that a person should fix. */
export interface Problem {
  /** `error`: something does not work, or will not after a reboot. `warning`: it is going to, or may. */
  readonly severity: 'error' | 'warning';
  /** What kind it is, for programs; never changes its meaning. */
  readonly code: string;
  /** Undefined when it is not about one host. */
  readonly host?: string;
  /** A sentence about the host, or a whole one, that says what to do. */
  readonly message: string;
}
