/**
 * What Terraform and OpenTofu print with `-json`, one message per line ("machine-readable UI", version 1.x),
 * as far as it is
 * used here. A resource is named by its address: `null_resource.server1_k3s`.
 */
export type TerraformMessage =
  | { readonly type: 'start'; readonly address: string; readonly action: string }
  /** A line that a step has printed. */
  | { readonly type: 'output'; readonly address: string; readonly line: string }
  | { readonly type: 'complete'; readonly address: string; readonly action: string }
  | { readonly type: 'errored'; readonly address: string; readonly action: string }
  | Diagnostic;

export interface Diagnostic {
  readonly type: 'diagnostic';
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  /** Empty when the summary says it all. */
  readonly detail: string;
  /** Resource it is about. @default - none in particular */
  readonly address?: string;
}

/** A line of the program: its text for a log, and its meaning, if that is needed here. */
export interface ParsedLine {
  readonly text: string;
  readonly message?: TerraformMessage;
}

/** Terraform's own messages about connections. */
const connecting =
  /^(Connecting to (remote|bastion) host|Connected!$|Using configured bastion host| {2}(Host|User|Password|Private key|Certificate|SSH Agent|Checking Host Key|Target Platform): )/;

/** Undefined for a line that is not a message at all. */
export function parseLine(line: string): ParsedLine | undefined {
  const raw = parseJson(line);
  if (raw?.['@message'] === undefined) return undefined;
  const message = messageOf(raw);
  // Without the configuration that diagnostics quote.
  const detail = message?.type === 'diagnostic' ? ` ${message.detail}` : '';
  return { text: `${raw['@timestamp']} ${raw['@message']}${detail}`, ...(message && { message }) };
}

function messageOf({ type, hook, diagnostic }: RawMessage): TerraformMessage | undefined {
  const address = String(hook?.resource?.addr ?? '');
  const action = String(hook?.action);
  switch (type) {
    case 'apply_start':
      return { type: 'start', address, action };
    case 'provision_progress':
      return connecting.test(String(hook?.output))
        ? undefined
        : { type: 'output', address, line: String(hook?.output ?? '') };
    case 'apply_complete':
      return { type: 'complete', address, action };
    case 'apply_errored':
      return { type: 'errored', address, action };
    case 'diagnostic':
      return {
        type: 'diagnostic',
        severity: diagnostic?.severity === 'warning' ? 'warning' : 'error',
        summary: String(diagnostic?.summary ?? ''),
        detail: String(diagnostic?.detail ?? ''),
        ...(diagnostic?.address !== undefined && { address: String(diagnostic.address) }),
      };
    default:
      return undefined;
  }
}

interface RawMessage {
  readonly '@message'?: unknown;
  readonly '@timestamp'?: unknown;
  readonly type?: unknown;
  readonly hook?: {
    readonly resource?: { readonly addr?: unknown };
    readonly action?: unknown;
    readonly output?: unknown;
  };
  readonly diagnostic?: Readonly<Partial<Record<'severity' | 'summary' | 'detail' | 'address', unknown>>>;
}

function parseJson(line: string): RawMessage | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
