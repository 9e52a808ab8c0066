import { plainText } from '../programs/plain-text';
import type { TerraformMessage } from './messages';

/** The output of one step, and how it ended. */
export interface FailedStep {
  readonly address: string;
  /** The host's own errors, each without `error: `. Empty if the step did not print any. */
  readonly errors: readonly string[];
  /** Its last lines, errors included. */
  readonly lines: readonly string[];
}

/** The journal of a service that does not start has about this many lines. */
const kept = 60;

/** Characters of a line. */
const maxLineLength = 2000;

/** Keeps the last lines of every step, to report what a host said when its step failed. */
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

  /** The output of one step. */
  of(address: string): Omit<FailedStep, 'address'> {
    const lines = this.lines.get(address) ?? [];
    const errors = lines.flatMap((line) => /^error: (.*)$/.exec(line)?.slice(1) ?? []);
    return { errors, lines };
  }
}
