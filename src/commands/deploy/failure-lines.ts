import type { HostStep } from '../../model/host-step';
import { memberAt } from '../../model/step-address';
import type { Topology } from '../../model/topology';
import { connectionFailure } from '../../terraform/connection-failure';
import { explainDiagnostic } from '../../terraform/explain-diagnostic';
import type { Diagnostic } from '../../terraform/messages';
import type { FailedStep } from '../../terraform/step-output';
import type { TerraformError } from '../../terraform/terraform';

/** Lines of a host's output before its error; the log has all of it. */
const shownLines = 12;

/** The hosts that Terraform ran on. */
interface Described {
  readonly topology: Topology;
  readonly steps: readonly HostStep[];
}

/** Why Terraform failed, the hosts' own errors first. */
export function failureLines(
  { message, diagnostics, otherLines }: TerraformError,
  failed: readonly FailedStep[],
  described: Described,
): string[] {
  const explained = new Set<Diagnostic>();
  const untouched = new Map<string, string[]>();
  const lines = failed.flatMap((step) => {
    const diagnostic = diagnostics.find(({ address }) => address === step.address);
    if (diagnostic) explained.add(diagnostic);
    const [, host, reason] = /^(\S+): (left as it is, because .*)$/.exec(step.errors.join('\n')) ?? [];
    if (host === undefined || reason === undefined) return stepLines(step, diagnostic, described);
    untouched.set(reason, [...(untouched.get(reason) ?? []), host]);
    return [];
  });
  // As many as there are nodes that waited for their turn (lib-turns.sh).
  for (const [reason, hosts] of untouched) lines.push(`error: ${hosts.sort().join(', ')}: ${reason}`);
  // A consequence of the others.
  for (const diagnostic of diagnostics)
    if (!explained.has(diagnostic) && diagnostic.summary !== 'execution halted')
      lines.push(`error: ${explainDiagnostic(diagnostic)}`);
  if (lines.length > 0) return lines;
  const others = otherLines
    .map((line) => line.replace(/^[│╷╵\s]+/, '').trimEnd())
    .filter((line) => line !== '');
  return [`error: ${message}`, ...others.slice(-shownLines).map((line) => `    ${line}`)];
}

function stepLines(
  { address, errors, lines }: FailedStep,
  diagnostic: Diagnostic | undefined,
  { topology, steps }: Described,
): string[] {
  const step = steps.find((each) => each.address === address);
  const where = step ? `step '${step.step}' of ${step.host}` : address;
  const before = lines.filter((line) => !line.startsWith('error: ')).slice(-shownLines);
  const context =
    before.length > 0 ? [`  ${where} printed before that:`, ...before.map((line) => `    ${line}`)] : [];
  // Most important first, for people who read from top to bottom.
  if (errors.length > 0)
    return [...errors.map((error) => `error: ${error.replace(/ are above\)/, ' are below)')}`), ...context];
  const cause = diagnostic && connectionFailure(diagnostic.detail);
  const host = topology.hosts.find(({ name }) => name === (step?.host ?? memberAt(address)));
  if (cause !== undefined)
    return [
      `error: ${host ? `${host.name} (${host.address})` : where} ${cause}`,
      `  in ${where}`,
      ...context,
    ];
  const reason = diagnostic?.detail.split('\n')[0] ?? 'without giving a reason';
  return [`error: ${where} failed without an error of its own: ${reason}`, ...context];
}
