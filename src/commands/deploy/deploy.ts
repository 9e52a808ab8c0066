import { chmodSync, mkdirSync } from 'node:fs';
import { resolve as absolute, dirname, join } from 'node:path';
import { Interruption } from '../../programs/interruption';
import { ensureGitignore } from '../gitignore';
import { loadOrReport } from '../load';
import type { Terminal } from '../terminal';
import { DeployError, exitCodes } from './deploy-error';
import { lockDeploys } from './deploy-lock';
import { DeployLog } from './deploy-log';
import type { DeployContext, DeployOptions } from './deploy-options';
import { DeployRun } from './deploy-run';
import { LiveView } from './live-view';
import { PlainView } from './plain-view';
import { readyForHosts } from './ready-for-hosts';
import { secretTexts } from './secret-texts';

/** `k3s-cdk deploy`: from cluster.yaml to a cluster that runs. Returns the exit code. */
export async function deployCommand(
  options: DeployOptions,
  context: DeployContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(options.file, 'text', terminal);
  if (!config) return exitCodes.failed;
  const { now, clock, confirm, environment, screen } = context;
  const folder = absolute(dirname(options.file));
  const scratch = join(folder, '.k3s-cdk');
  const view = screen ? new LiveView(screen, clock) : new PlainView(terminal, clock);
  const interruption = new Interruption(() => view.note('stopping … (Ctrl-C again: at once)'));
  const file = options.file === 'cluster.yaml' ? '' : ` -f ${options.file}`;
  const release: (() => void)[] = [context.onInterrupt(() => interruption.request())];
  let log: DeployLog | undefined;
  try {
    ensureGitignore(folder);
    mkdirSync(scratch, { recursive: true });
    chmodSync(scratch, 0o700);
    release.push(lock(join(scratch, 'deploy.lock'), now));
    const acceptCommand = `k3s-cdk init${file} --yes`;
    const topology = await readyForHosts(config, { folder, now, confirm, acceptCommand, view }, terminal);
    const stamp = now.toISOString().replace(/\.\d+|[-:]/g, '');
    log = new DeployLog(join(scratch, 'logs'), stamp, secretTexts(folder, topology));
    const deployment = {
      ...{ topology, folder, scratch, terminal, view, log, interruption, environment, confirm, clock },
    };
    return await new DeployRun(deployment, options, context).run();
  } catch (error) {
    view.end('failed');
    if (!(error instanceof DeployError)) throw error;
    for (const line of error.lines) {
      terminal.error(line);
      log?.add(line);
    }
    if (log) terminal.error(`log: ${terminal.display(log.path)}`);
    const exitCode = interruption.requested ? exitCodes.interrupted : error.exitCode;
    if (exitCode === exitCodes.notUp)
      terminal.error(`everything is applied; to wait for it again: k3s-cdk deploy${file}`);
    else if (log) terminal.error(`to go on: k3s-cdk deploy${file}; what is done is not done again`);
    return exitCode;
  } finally {
    for (const each of release) each();
  }
}

function lock(path: string, now: Date): () => void {
  try {
    return lockDeploys(path, now);
  } catch (error) {
    throw new DeployError([`error: ${(error as Error).message}`]);
  }
}
