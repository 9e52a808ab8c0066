import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, parseLine, type TerraformMessage } from '../../src/terraform/messages';

/** Runs of Terraform 1.11 and OpenTofu 1.11 against a local sshd, recorded; without what quotes the configuration. */
export const recordedPrograms = ['terraform', 'tofu'] as const;

export type RecordedProgram = (typeof recordedPrograms)[number];

export function recordedText(program: RecordedProgram, name: string): string {
  return readFileSync(join(__dirname, '../fixtures/terraform', `${program}-${name}`), 'utf8');
}

export function recordedMessages(program: RecordedProgram, name: string): TerraformMessage[] {
  const lines = recordedText(program, `${name}.jsonl`).trim().split('\n');
  return lines.flatMap((line) => parseLine(line)?.message ?? []);
}

export function diagnosticsOf(messages: readonly TerraformMessage[]): Diagnostic[] {
  return messages.filter((message): message is Diagnostic => message.type === 'diagnostic');
}
