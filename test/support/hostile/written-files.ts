import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTree } from '../../../src/output/file-tree';
import { readTree } from '../scratch';
import { evaluate, parseTemplate } from './terraform-template';

interface Stack {
  readonly variable?: object;
  readonly locals: Readonly<Record<string, unknown>> & {
    readonly members?: Readonly<Record<string, { readonly host: Readonly<Record<string, string>> }>>;
  };
  readonly resource: Readonly<Record<string, Readonly<Record<string, Resource>>>>;
}

interface Resource {
  readonly connection?: { readonly private_key?: string };
  readonly provisioner?: readonly { readonly 'remote-exec'?: { readonly inline: readonly string[] } }[];
}

/** What Terraform would find when a step starts, where others have written to what it reads. */
export function found(reference: string): string | undefined {
  if (/^(plan)?timestamp\(\)$/.test(reference)) return '2026-06-01T12:00:00Z';
  // A run of a step.
  if (/^(self|(null_resource|terraform_data)\.[\w-]+(\[0\])?)\.id$/.test(reference))
    return '5f0c2a7e-8f0b-4c8e-9d55-0d3a1c2b4e6f';
  if (/^(true|false|\d+)$/.test(reference)) return reference;
  if (reference.startsWith('var.')) return 'false';
  return /^local\.(?!step_|confirm_runs$)/.test(reference)
    ? 'v1\'\n$(touch pwned) "`touch pwned`${x}\\'
    : undefined;
}

export function stackOf(hosts: FileTree): Stack {
  return JSON.parse(hosts.get('stacks/hosts/cdk.tf.json') ?? '{}');
}

/** The commands that each step runs over SSH, as templates. */
export function stepCommands({ resource }: Stack): Map<string, readonly string[]> {
  const all = Object.values(resource).flatMap((resources) => Object.entries(resources));
  const steps = all.flatMap(([id, { provisioner = [] }]): [string, string[]][] => {
    const commands = provisioner.flatMap((each) => each['remote-exec']?.inline ?? []);
    return id === 'membership' || commands.length === 0 ? [] : [[id, commands]];
  });
  return new Map(steps);
}

/** Files by the commands that have written them before. */
const known = new Map<string, Readonly<Record<string, string>>>();

/**
 * Runs the part of all steps' commands that writes files, and gives the files by the steps' ids and their names: those that
 * steps share once. Whatever else comes to be there is among them.
 *
 * @param folder empty; each step has one in it for a home
 */
export function writtenFiles(hosts: FileTree, folder: string): Record<string, string> {
  const stack = stackOf(hosts);
  const scope = {
    locals: stack.locals,
    value: found,
    file: (path: string) => hosts.get(path.replace('./', 'stacks/hosts/')) ?? '',
  };
  const run = (text: string) => evaluate(parseTemplate(text), scope);
  const blocks: string[] = [];
  const inFolder = (path: string, commands: readonly string[]) => {
    mkdirSync(join(folder, path), { recursive: true });
    blocks.push(`(cd '${join(folder, path)}'\n${['set -eu', ...commands].join('\n')}\n) || exit`);
  };
  const shared = new Map<string, string>();
  for (const [id, commands] of stepCommands(stack)) {
    const [, step = ''] = /start\.sh (\S+)/.exec(commands.join('\n')) ?? [];
    const home = join(id, '.k3s-cdk', step);
    inFolder(home, commands.filter((command) => command.startsWith('cat >')).map(run));
    // The host's own clock is another one each time.
    inFolder(id, commands.filter((command) => command.startsWith('printf ')).map(run));
    const sharing = run(commands.find((command) => command.startsWith('${local.step_files[')) ?? '');
    if (!shared.has(sharing)) shared.set(sharing, join(id, 'shared'));
  }
  for (const [commands, path] of shared) if (!known.has(commands)) inFolder(path, [commands]);
  const script = join(folder, 'script');
  writeFileSync(script, blocks.join('\n'));
  const { status, stdout, stderr } = spawnSync('sh', [script], { cwd: folder, encoding: 'utf8' });
  if (status !== 0 || stdout !== '' || stderr !== '') throw new Error(`the commands say: ${stdout}${stderr}`);
  for (const [commands, path] of shared)
    if (!known.has(commands)) known.set(commands, readTree(join(folder, path)));
  const { script: _, ...files } = readTree(folder);
  return {
    ...Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path.replace(/\/\.k3s-cdk\/[^/]*/, ''), text]),
    ),
    ...Object.fromEntries(
      [...shared].flatMap(([commands, path]) =>
        Object.entries(known.get(commands) ?? {}).map(([name, text]) => [`${path}/${name}`, text]),
      ),
    ),
  };
}

/** What bash has for variables after it has read each of some files. */
export function variablesOf(
  folder: string,
  files: Readonly<Record<string, string>>,
): Record<string, Record<string, string>> {
  mkdirSync(folder);
  const paths = Object.keys(files);
  paths.forEach((path, index) => {
    writeFileSync(join(folder, `${index}`), files[path] ?? '');
  });
  const program =
    'for ((i = 0; i < $1; i++)); do (set -aeu; . ./$i; printf "\\0"; exec /usr/bin/env -0); done';
  const output = execFileSync('/bin/bash', ['--norc', '-euc', program, '-', `${paths.length}`], {
    cwd: folder,
    env: {},
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (readdirSync(folder).length !== paths.length)
    throw new Error(`reading made files: ${readdirSync(folder)}`);
  // An empty one begins each file's.
  const read: string[][] = [];
  for (const entry of output.split('\0').slice(0, -1)) {
    if (entry === '') read.push([]);
    else read.at(-1)?.push(entry);
  }
  return Object.fromEntries(
    paths.map((path, index) => {
      const variables = (read[index] ?? []).map((entry) => [
        entry.slice(0, entry.indexOf('=')),
        entry.slice(entry.indexOf('=') + 1),
      ]);
      return [
        path,
        Object.fromEntries(variables.filter(([name = '']) => !/^(PWD|SHLVL|OLDPWD|_)$/.test(name))),
      ];
    }),
  );
}
