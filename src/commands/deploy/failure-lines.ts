import { someNames, together } from '../../model/host-groups';
import type { HostStep } from '../../model/host-step';
import { memberAt, stepAt } from '../../model/step-address';
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

/** A step that has failed. */
interface Failure {
  readonly name: string;
  /** Errors of hosts that fail alike, whose names are given. */
  readonly errors: (names: string) => readonly string[];
  /** What the step said before. */
  readonly context: readonly string[];
  /** It was not touched, because others failed (lib-turns.sh). */
  readonly follows?: boolean;
}

/** Why Terraform failed, the hosts' own errors first; those that fail alike together, with the words of the first. */
export function failureLines(
  { message, diagnostics, otherLines }: TerraformError,
  failed: readonly FailedStep[],
  described: Described,
): string[] {
  const explained = new Set<Diagnostic>();
  const failures = failed.map((step) => {
    const diagnostic = diagnostics.find(({ address }) => address === step.address);
    if (diagnostic) explained.add(diagnostic);
    return failureOf(step, diagnostic, described);
  });
  const inOrder = [
    ...failures.filter(({ follows }) => !follows),
    ...failures.filter(({ follows }) => follows),
  ];
  const lines = together(inOrder, ({ errors }) => errors('').join('\n')).flatMap((alike) => {
    const [first] = alike;
    const names = someNames(alike.map(({ name }) => name));
    return first ? [...first.errors(names), ...first.context] : [];
  });
  // A consequence of the others.
  for (const diagnostic of diagnostics)
    if (!explained.has(diagnostic) && diagnostic.summary !== 'execution halted')
      lines.push(`error: ${explainDiagnostic(diagnostic)}`);
  if (lines.length > 0) return lines;
  const others = otherLines
    .map((line) => line.replace(/^[│╷╵\s]+/, '').trimEnd())
    .filter((line) => line !== '');
  if (others.some((line) => line.includes('Backend configuration changed')))
    return [
      "error: 'terraform.backend' names another place for the state than when Terraform last ran here. If somebody has carried the state over: terraform -chdir=cdktf.out/stacks/hosts init -reconfigure. To carry it over yourself: the same with -migrate-state. Then deploy again",
    ];
  return [`error: ${message}`, ...others.slice(-shownLines).map((line) => `    ${line}`)];
}

function failureOf(
  { address, errors, lines }: FailedStep,
  diagnostic: Diagnostic | undefined,
  { topology, steps }: Described,
): Failure {
  const step = steps.find((each) => each.address === address);
  const name = step?.host ?? memberAt(address) ?? stepAt(address)?.host ?? address;
  const where = step ? `step '${step.step}' of ${name}` : address;
  const before = lines.filter((line) => !line.startsWith('error: ')).slice(-shownLines);
  const context =
    before.length > 0 ? [`  ${where} printed before that:`, ...before.map((line) => `    ${line}`)] : [];
  // Most important first, for people who read from top to bottom.
  if (errors.length > 0) {
    const own = errors.map((error) => error.replace(/ are above\)/, ' are below)'));
    const said = own.map((error) =>
      error.startsWith(`${name}: `) ? error.slice(name.length + 2) : undefined,
    );
    const follows = said.some((error) => error?.startsWith('left as it is, because '));
    return {
      name,
      errors: (names) =>
        said.map((error, index) => `error: ${error === undefined ? own[index] : `${names}: ${error}`}`),
      ...(follows ? { context: [], follows } : { context }),
    };
  }
  const cause = diagnostic && connectionFailure(diagnostic.detail);
  const host = topology.hosts.find((each) => each.name === name);
  if (cause !== undefined)
    return {
      name,
      errors: (names) => [
        `error: ${names === name && host ? `${name} (${host.address})` : `${names}:`} ${cause}`,
        ...(step ? [`  in step '${step.step}' of ${names}`] : [`  in ${where}`]),
      ],
      context,
    };
  const reason = diagnostic?.detail.split('\n')[0] ?? 'without giving a reason';
  return {
    name,
    errors: (names) => [
      `error: ${step ? `step '${step.step}' of ${names}` : where} failed without an error of its own: ${reason}`,
    ],
    context,
  };
}
