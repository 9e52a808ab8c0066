import { Command } from 'commander';
import { version } from '../../package.json';
import type { AddCommand, CommandContext } from './add-command';
import { addArtifacts } from './artifacts';
import { addBackup } from './backup';
import { addCompletion } from './completion';
import { addDatabase } from './database';
import { addDeploy } from './deploy';
import { addDestroy } from './destroy';
import { addDiagram } from './diagram';
import { addDiff } from './diff';
import { addDoctor } from './doctor';
import { examples } from './examples';
import { addInit } from './init';
import { addKubeconfig } from './kubeconfig';
import { addRestore } from './restore';
import { addShutdown } from './shutdown';
import { addStatus } from './status';
import { addSynth } from './synth';
import { addUpdate } from './update';
import { addValidate } from './validate';
import { addVersions } from './versions';

/** In the order of the help, which is the order of use. */
const commands: readonly AddCommand[] = [
  addInit,
  addValidate,
  addSynth,
  addDiff,
  addDoctor,
  addDeploy,
  addStatus,
  addUpdate,
  addKubeconfig,
  addDiagram,
  addVersions,
  addArtifacts,
  addBackup,
  addRestore,
  addDatabase,
  addShutdown,
  addDestroy,
  addCompletion,
];

/** The program with its commands. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('k3s-cdk')
    .description('a highly available k3s cluster on small machines from one reviewed file')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError(
      "run 'k3s-cdk --help' to see the commands, 'k3s-cdk COMMAND --help' for their options",
    )
    .configureOutput({ writeErr: (text) => context.terminal.error(text.trimEnd()) })
    .exitOverride();
  for (const add of commands) add(program, context);
  return program.addHelpText('after', `${firstSteps}\n\n${exitCodes}`);
}

const firstSteps = examples(
  ['k3s-cdk init', 'create cluster.yaml, secrets, certificates and known_hosts'],
  ['k3s-cdk doctor', 'whether this machine and the hosts are ready'],
  ['k3s-cdk deploy', 'from cluster.yaml to a cluster that runs; again after every change'],
  ['k3s-cdk status', 'the state of all of it'],
);

const exitCodes =
  'Exit codes: 0 success, 1 a problem or work left to do, 2 invalid command line,\n  70 internal error, 130 interrupted';
