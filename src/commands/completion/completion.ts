import type { Command } from 'commander';
import type { Terminal } from '../terminal';
import { bashScript } from './bash';
import { fishScript } from './fish';
import { commandSpecs } from './spec';
import { zshScript } from './zsh';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

export type Shell = keyof typeof scripts;

/** `k3s-cdk completion`: prints a script for a shell, made from the commands themselves. Returns the exit code. */
export function completionCommand(shell: Shell, program: Command, terminal: Terminal): number {
  terminal.output(scripts[shell](commandSpecs(program)));
  return 0;
}
