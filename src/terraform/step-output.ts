import { plainText } from '../programs/plain-text';
import type { TerraformMessage } from './messages';

/** What one step said, and how it ended. */
export interface FailedStep {
  readonly address: string;
  /** The host's own errors, each without `error: `. Empty when the step never got to say one. */
  readonly errors: readonly string[];
  /** Its last lines, errors included. */
  readonly lines: readonly string[];
}

/** The journal of a service that does not start is about this long. */
const kept = 60;

/** Characters of a line. */
const maxLineLength = 2000;

/** Keeps the last lines of every step, to tell what a host said when its step failed. */
export class StepOutput {
  private readonly lines = new Map<string, string[]>();
  private readonly errored: string[] = [];

  add(message: TerraformMessage): void {
    if (message.type === 'errored') this.errored.push(message.address);
    if (message.type !== 'output') return;
    const lines = this.lines.get(message.address) ?? [];
    this.lines.set(message.address, lines);
    lines.push(plainText(message.line).slice(0, maxLineLength));
    if (lines.length > kept) lines.shift();
  }

  /** In the order in which they failed. */
  failures(): FailedStep[] {
    return this.errored.map((address) => ({ address, ...this.of(address) }));
  }

  /** What one step said. */
  of(address: string): Omit<FailedStep, 'address'> {
    const lines = this.lines.get(address) ?? [];
    const errors = lines.flatMap((line) => /^error: (.*)$/.exec(line)?.slice(1) ?? []);
    return { errors, lines };
  }
}
