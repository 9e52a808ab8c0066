import type { Host } from '../model/topology';
import type { Files } from './step-folders';
import { escapeTemplate } from './template-literal';

/** Folder on the hosts that steps upload to, 0700, relative to the SSH user's home. */
export const staging = '.k3s-cdk';

/**
 * Where Terraform puts what it runs, and leaves an empty file. Not in /tmp, which may be mounted noexec. start.sh clears up.
 */
export const scriptPath = `${staging}/%RAND%.sh`;

/** The same as long as there is no such folder: in the home folder. */
export const firstScriptPath = './.k3s-cdk-%RAND%.sh';

/** What a host is asked before anything is uploaded, and the folder to upload to. */
export function firstCommands({ name, ssh: { user } }: Host): string[] {
  const lines = [
    'fail() { echo "error: $1" >&2; exit 1; }',
    `[ "$(id -u)" = 0 ] || sudo -n true || fail "${name}: user '${user}' cannot use sudo without a password: put '${user} ALL=(ALL) NOPASSWD:ALL' into /etc/sudoers.d/${user} on the host"`,
    `command -v scp >/dev/null || fail "${name}: 'scp' is missing, files cannot be uploaded: install the OpenSSH client on the host"`,
    `command -v bash >/dev/null || fail "${name}: 'bash' is missing: install it on the host"`,
    `[ ! -f ${staging} ] || rm -f ${staging}`,
    `install -d -m 0700 ${staging}`,
  ];
  return ['set -eu', ...lines.map(escapeTemplate)];
}

export interface RunCommandsOptions {
  readonly step: string;
  /** Name of the uploaded folder. */
  readonly folder: string;
  /** Files that are sent along. */
  readonly hostFiles: Files;
  /** What was uploaded into that folder, as a path of the operator. */
  readonly upload: string | undefined;
  /** Parameters that Terraform evaluates when the step starts, by the expressions for them. */
  readonly lateEnv: Readonly<Record<string, string>> | undefined;
  /** Whether `firstCommands` came before; then the clocks of the operator and of the host are parameters too. @default false */
  readonly first?: boolean | undefined;
}

/** One script, sent and run over one connection: writes the host's own files, then runs the step as root. */
export function runCommands({
  step,
  folder,
  hostFiles,
  upload,
  lateEnv = {},
  first,
}: RunCommandsOptions): string[] {
  const here = `${staging}/${folder}`;
  // No trigger: Terraform keeps nothing of it.
  const late = { ...(first && { OPERATOR_TIME: 'timestamp()' }), ...lateEnv };
  return [
    'set -eu',
    ...(first ? [`rm -f ${firstScriptPath.replace('%RAND%', '*')}`] : []),
    ...Object.keys(hostFiles)
      .sort()
      .map((name) => escapeTemplate(writeFile(`${here}/${name}`, hostFiles[name] ?? ''))),
    ...Object.entries(late).map(([name, expression]) => lateParameter(name, expression, `${here}/step.env`)),
    ...(first ? [`echo "UPTIME='$(cut -d. -f1 /proc/uptime)'" >>${here}/step.env`] : []),
    // root may have no sudo.
    `sudo=$([ "$(id -u)" = 0 ] || echo 'sudo -n')`,
    `$sudo bash ${here}/start.sh ${step}${upload === undefined ? '' : ` ${baseName(upload)}`}`,
  ];
}

/** The shell reads on to a word that the text does not have: no text can end it and go on as commands. */
function writeFile(path: string, text: string): string {
  let end = 'END_OF_K3S_CDK_FILE';
  while (text.includes(end)) end += '_';
  return `cat >${path} <<'${end}'\n${text}${end}`;
}

/**
 * What Terraform finds may come from files that others write. It passes through two shells, each time between single
 * quotes: it has none of its own, and one line.
 */
function lateParameter(name: string, expression: string, file: string): string {
  return `printf "%s='%s'\\n" ${name} '\${replace(${expression}, "/[^ -&(-~]/", "")}' >>${file}`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
