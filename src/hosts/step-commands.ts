import type { Host } from '../model/topology';
import { writeFile } from './here-document';
import stepFolderScript from './step-folder.sh';
import type { Files } from './step-folders';
import { escapeTemplate } from './template-literal';

/** Folder on the hosts that steps upload their files to, 0700, relative to the SSH user's home. */
export const staging = '.k3s-cdk';

/**
 * Where Terraform puts what it runs, and leaves an empty file. Not in /tmp, which may be mounted noexec. start.sh clears up.
 */
export const scriptPath = `${staging}/%RAND%.sh`;

/**
 * The same if that folder may be missing: in the home folder. Its users remove what is left there, by their
 * own name.
 */
export const homeScriptPath = './.k3s-cdk-%RAND%.sh';

// root may have no sudo.
export const sudo = `sudo=$([ "$(id -u)" = 0 ] || echo 'sudo -n')`;

/** Where the files of a step are until it starts. */
export function stepFolder(step: string): string {
  return `${staging}/${step}`;
}

/** Locals of the stack that the commands refer to. */
export const commandLocals = { step_folder: escapeTemplate(stepFolderScript.text) } as const;

export interface PrepareCommandsOptions {
  readonly host: Host;
  readonly step: string;
  /** Commands that fail unless what it is built on has run. @default - none */
  readonly confirm?: readonly string[];
  /** Commands that write the files which hosts share; a template of Terraform. */
  readonly sharedFiles: string;
  /** Files of this host. */
  readonly hostFiles: Files;
  /** Whether nothing has run on the host before: checks what running a step needs. @default false */
  readonly first?: boolean | undefined;
}

/** One script over one connection: creates the folder of the step and writes its files. */
export function prepareCommands({
  host,
  step,
  confirm = [],
  sharedFiles,
  hostFiles,
  first,
}: PrepareCommandsOptions): string[] {
  return [
    'set -eu',
    ...confirm,
    `host=${host.name} step=${step}`,
    '${local.step_folder}',
    ...(first ? needs(host).map(escapeTemplate) : []),
    sharedFiles,
    ...Object.keys(hostFiles)
      .sort()
      .map((name) => escapeTemplate(writeFile(name, hostFiles[name] ?? ''))),
  ];
}

/** What running a step needs. */
function needs({ ssh: { user } }: Host): string[] {
  return [
    `[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "'sudo' is missing: install it on the host"`,
    `[ "$(id -u)" = 0 ] || sudo -n true || fail "user '${user}' cannot use sudo without a password: put '${user} ALL=(ALL) NOPASSWD:ALL' into /etc/sudoers.d/${user} on the host"`,
    `command -v bash >/dev/null || fail "'bash' is missing: install it on the host"`,
    // Terraform gives each of its scripts the mode 0777.
    'home=$(dirname "$staging")',
    `[ $(($(stat -c %a "$home") % 2)) = 0 ] || echo "warning: $host: others on this machine get into '$home', where anybody may write to Terraform's scripts before they run: 'chmod o-x $home' keeps them out" >&2`,
  ];
}

export interface RunCommandsOptions {
  readonly step: string;
  /** What was uploaded into the folder of the step, as a path of the operator. */
  readonly upload: string | undefined;
  /** Parameters that Terraform evaluates when the step starts, by the expressions for them. */
  readonly lateEnv: Readonly<Record<string, string>> | undefined;
  /** Whether the clocks of the operator and of the host are parameters too. @default false */
  readonly first?: boolean | undefined;
}

/** One script over one connection: runs the step as root. */
export function runCommands({ step, upload, lateEnv = {}, first }: RunCommandsOptions): string[] {
  const here = stepFolder(step);
  // Not a trigger: Terraform does not keep it.
  const late = { ...(first && { OPERATOR_TIME: 'timestamp()' }), ...lateEnv };
  return [
    'set -eu',
    `rm -f "$(cat ${here}/.brought-by)"`,
    ...Object.entries(late).map(([name, expression]) => lateParameter(name, expression, `${here}/step.env`)),
    ...(first ? [`echo "UPTIME='$(cut -d. -f1 /proc/uptime)'" >>${here}/step.env`] : []),
    sudo,
    `$sudo bash ${here}/start.sh ${step} \${self.id}${upload === undefined ? '' : ` ${baseName(upload)}`}`,
  ];
}

/**
 * Terraform's values may come from files that others write. They pass through two shells, each time in single
 * quotes: so they have no quotes and only one line.
 */
function lateParameter(name: string, expression: string, file: string): string {
  return `printf "%s='%s'\\n" ${name} '\${replace(${expression}, "/[^ -&(-~]/", "")}' >>${file}`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
