import { deferredVariable } from '../model/deferral';
import type { HostStep } from '../model/host-step';
import { lastAppliedVariable } from '../model/records';
import type { Interruption } from '../programs/interruption';
import { startProgram } from '../programs/run-program';
import { type Diagnostic, parseLine, type TerraformMessage } from './messages';
import { type PlannedChanges, plannedChanges } from './planned-changes';

export interface TerraformOptions {
  /** `terraform`, `tofu`, or a path. */
  readonly program: string;
  /** Folder of the stack. */
  readonly folder: string;
  /** What the stack describes. */
  readonly steps: readonly HostStep[];
  readonly environment: NodeJS.ProcessEnv;
  readonly interruption: Interruption;
  /** Gets all output of the program, for the log. */
  readonly log: (line: string) => void;
}

export interface PlanOptions {
  /** Destroys everything. @default false */
  readonly destroy?: boolean;
  /** Names of hosts whose steps are left out. @default - none */
  readonly deferred?: readonly string[];
  /** Addresses of steps to run whatever the state says. @default - none */
  readonly repeated?: readonly string[];
}

/**
 * Options of a plan. There is nothing besides the state to refresh, and a refresh would add the current
 * dependencies to the former ones: hosts whose order changed while their steps run again would form a cycle.
 */
export const planOptions = ['-refresh=false'] as const;

/** Why Terraform failed. */
export class TerraformError extends Error {
  constructor(
    message: string,
    /** Its own account, most of all. */
    readonly diagnostics: readonly Diagnostic[],
    /** Lines that are not messages: a crash, or an unknown option. */
    readonly otherLines: readonly string[],
  ) {
    super(message);
  }
}

/** Runs Terraform or OpenTofu on the hosts stack. All output goes to the log; its meaning is returned. */
export class Terraform {
  constructor(private readonly options: TerraformOptions) {}

  /**
   * Fetches providers, and reaches the backend; quick and without network when they are there.
   *
   * @param backendConfig file with settings of the backend @default - all are in the configuration
   * @throws TerraformError
   */
  async init(backendConfig?: string): Promise<void> {
    const options = backendConfig === undefined ? [] : [`-backend-config=${backendConfig}`];
    await this.run(['init', '-input=false', '-no-color', ...options]);
  }

  /**
   * Saves a plan to `file` and returns what it would do. Holds the state's lock meanwhile.
   *
   * @throws TerraformError
   */
  async plan(
    file: string,
    { destroy = false, deferred = [], repeated = [] }: PlanOptions = {},
  ): Promise<PlannedChanges> {
    const lastApplied = destroy ? '' : await this.lastApplied();
    await this.run(
      [
        'plan',
        '-json',
        '-input=false',
        ...planOptions,
        ...(destroy ? ['-destroy'] : []),
        ...(deferred.length > 0 ? [`-var=${deferredVariable}=${JSON.stringify(deferred)}`] : []),
        ...repeated.map((address) => `-replace=${address}`),
        `-out=${file}`,
      ],
      { env: { [`TF_VAR_${lastAppliedVariable}`]: lastApplied } },
    );
    const shown: string[] = [];
    // Not logged: it repeats the configuration and the state.
    await this.run(['show', '-json', file], { keep: (line) => shown.push(line) });
    return plannedChanges(shown.join('\n'), this.options.steps);
  }

  /** Applies a saved plan. @throws TerraformError when a step fails or it is interrupted */
  async apply(
    file: string,
    parallelism: number,
    onMessage: (message: TerraformMessage) => void,
  ): Promise<void> {
    await this.run(['apply', '-json', '-input=false', `-parallelism=${parallelism}`, file], { onMessage });
  }

  /** What the state records of the last apply, as Terraform's JSON; empty before the first one. */
  private async lastApplied(): Promise<string> {
    const shown: string[] = [];
    await this.run(['output', '-json', '-no-color'], { keep: (line) => shown.push(line) });
    const outputs = shown.join('\n');
    return Object.keys(JSON.parse(outputs)).length > 0 ? outputs : '';
  }

  private async run(
    args: readonly string[],
    {
      keep,
      onMessage,
      env,
    }: {
      keep?: (line: string) => void;
      onMessage?: (message: TerraformMessage) => void;
      env?: NodeJS.ProcessEnv;
    } = {},
  ): Promise<void> {
    const { program, folder, environment, interruption, log } = this.options;
    const diagnostics: Diagnostic[] = [];
    const others: string[] = [];
    log(`$ ${program} ${args.join(' ')}`);
    const child = startProgram(program, args, {
      cwd: folder,
      env: { ...environment, TF_IN_AUTOMATION: '1', ...env },
      // A plan is one line.
      ...(keep && { maxLineLength: Number.POSITIVE_INFINITY }),
      onLine: (line, stream) => {
        if (keep && stream === 'stdout') return keep(line);
        const parsed = parseLine(line);
        log(parsed?.text ?? line);
        if (!parsed) others.push(line);
        const message = parsed?.message;
        if (message?.type === 'diagnostic' && message.severity === 'error') diagnostics.push(message);
        if (message) onMessage?.(message);
      },
    });
    const end = await interruption.during(child);
    if (end !== 0) throw new TerraformError(`${program} ${args[0]} exited with ${end}`, diagnostics, others);
  }
}
