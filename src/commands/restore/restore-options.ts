import type { SshClient } from '../../ssh/client';
import type { Ask } from '../confirm';

export interface RestoreOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Private key that opens an encrypted backup. @default - the one that `init` made */
  readonly key?: string;
  /** Ask nothing. */
  readonly yes: boolean;
  /** Continue when a server cannot be reached, because it is known to be off. */
  readonly skipUnreachable: boolean;
  /** Take it from where copies are kept elsewhere. */
  readonly offsite?: boolean;
  /** Put the token back into `secrets/`, and do nothing else. */
  readonly tokenOnly: boolean;
}

export interface RestoreContext {
  /** Undefined without a terminal. */
  readonly ask: Ask | undefined;
  /** In milliseconds. */
  readonly clock: () => number;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends it early. @default none */
  readonly signal?: AbortSignal | undefined;
  /** @default - OpenSSH */
  readonly ssh?: Pick<SshClient, 'run' | 'close'>;
}
