import { chmodSync } from 'node:fs';
import { resolve as absolute, dirname, join } from 'node:path';
import type { Config } from '../../config/config';
import { makeFolder } from '../../files/make-folder';
import type { Topology } from '../../model/topology';
import { Interruption } from '../../programs/interruption';
import { UserError } from '../../user-error';
import { exitCodes } from '../exit-codes';
import { fileOption } from '../file-option';
import { ensureGitignore } from '../gitignore';
import { loadOrReport } from '../load';
import type { Terminal } from '../terminal';
import { DeployError } from './deploy-error';
import { lockDeploys } from './deploy-lock';
import { DeployLog } from './deploy-log';
import type { DeployContext } from './deploy-options';
import type { Deployment } from './deployment';
import { LiveView } from './live-view';
import { PlainView } from './plain-view';
import { secretTexts } from './secret-texts';
import type { View } from './view';

/** What a command does that changes hosts. */
export interface LockedWork {
  /** What is known before anything begins. @throws DeployError */
  readonly topology: (
    config: Config,
    known: { readonly folder: string; readonly view: View },
  ) => Promise<Topology>;
  /** Returns the exit code. @throws UserError */
  readonly run: (deployment: Deployment) => Promise<number>;
}

/**
 * Runs a command that changes hosts: exclusively in its folder, with a log without secrets, a graceful end on
 * Ctrl-C, and errors in words. Returns the exit code.
 *
 * @param command its name, with the options that matter: the command to run to continue
 * @param description cluster.yaml, as the user has named it
 */
export async function runLocked(
  command: string,
  description: string,
  context: DeployContext,
  terminal: Terminal,
  work: LockedWork,
): Promise<number> {
  const config = loadOrReport(description, terminal);
  if (!config) return exitCodes.failed;
  const { now, clock, confirm, environment, screen } = context;
  const folder = absolute(dirname(description));
  const scratch = join(folder, '.k3s-cdk');
  const view = screen ? new LiveView(screen, clock) : new PlainView(terminal, clock);
  const interruption = new Interruption(() => view.note('stopping … (Ctrl-C again: at once)'));
  const file = fileOption(description, terminal);
  const release: (() => void)[] = [context.onInterrupt(() => interruption.request())];
  const [name] = command.split(' ');
  let log: DeployLog | undefined;
  let begun = false;
  try {
    ensureGitignore(folder);
    makeFolder(scratch);
    chmodSync(scratch, 0o700);
    release.push(lockDeploys(join(scratch, 'deploy.lock'), now));
    const topology = await work.topology(config, { folder, view });
    const stamp = now.toISOString().replace(/\.\d+|[-:]/g, '');
    log = new DeployLog(join(scratch, 'logs'), `${name}-${stamp}`, secretTexts(folder, topology));
    return await work.run({
      ...{ topology, folder, scratch, terminal, view, log, interruption, environment, confirm, clock },
      begin: () => {
        begun = true;
      },
    });
  } catch (error) {
    view.end('failed');
    if (!(error instanceof UserError)) throw error;
    const { lines, exitCode: failure } = asDeployError(error);
    for (const line of lines) {
      terminal.error(line);
      log?.add(line);
    }
    if (log) terminal.error(`log: ${terminal.display(log.path)}`);
    const exitCode = interruption.requested ? exitCodes.interrupted : failure;
    if (exitCode === exitCodes.notUp)
      terminal.error(`everything is applied; to wait for it again: k3s-cdk ${command}${file}`);
    else if (begun) terminal.error(`to continue: k3s-cdk ${command}${file}; what is done is not repeated`);
    else if (log) terminal.error(`to try again: k3s-cdk ${command}${file}`);
    return exitCode;
  } finally {
    for (const each of release) each();
  }
}

function asDeployError(error: UserError): DeployError {
  return error instanceof DeployError ? error : new DeployError([`error: ${error.message}`]);
}
