import { parseStepAddress } from './step-address';

/** A step as it is described in the stack. */
export interface StackStep {
  /** `null_resource.server1_k3s`. */
  readonly address: string;
  readonly host: string;
  readonly step: string;
  /** Texts of what the step uploads, by name; no secrets are among them. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The steps of the hosts stack, in the order in which it describes them.
 *
 * @param tree `cdk.tf.json` and `steps/`, by path below the stack's folder
 */
export function stackSteps(tree: ReadonlyMap<string, string>): StackStep[] {
  const { resource } = JSON.parse(tree.get('cdk.tf.json') ?? '{}') as Stack;
  const folders = stepFolders(tree);
  return Object.entries(resource).flatMap(([type, resources]) =>
    Object.entries(resources).flatMap(([name, { provisioner = [] }]) => {
      const address = `${type}.${name}`;
      const target = parseStepAddress(address);
      if (target?.kind !== 'step') return [];
      const inline = provisioner.flatMap((each) => each['remote-exec']?.inline ?? []);
      const files = Object.fromEntries(
        inline.flatMap((command) => [...sharedFiles(command, folders), ...hostFile(command)]),
      );
      return [{ address, host: target.host, step: target.step, files }];
    }),
  );
}

interface Stack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, StackResource>>>>;
}
interface StackResource {
  readonly provisioner?: readonly {
    readonly 'remote-exec'?: { readonly inline: readonly string[] };
  }[];
}

function stepFolders(tree: ReadonlyMap<string, string>): Map<string, Record<string, string>> {
  const folders = new Map<string, Record<string, string>>();
  for (const [path, text] of tree) {
    const [, folder, name] = /^steps\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (folder === undefined || name === undefined) continue;
    const files = folders.get(folder) ?? {};
    folders.set(folder, files);
    files[name] = text;
  }
  return folders;
}

/** Files that hosts share are named by their folder: `${local.step_files["k3s.3f2a9c0d1e2b"]}`. */
function sharedFiles(
  command: string,
  folders: ReadonlyMap<string, Readonly<Record<string, string>>>,
): [string, string][] {
  const [, folder = ''] = /^\$\{local\.step_files\["([^"]+)"\]\}$/.exec(command) ?? [];
  return Object.entries(folders.get(folder) ?? {});
}

/** Those of one host are in the commands: `cat >name <<'END' …`. */
function hostFile(command: string): [string, string][] {
  const [, name, , text] = /^cat >([^\s/]+) <<'([^\s']+)'\n(.*)\2$/s.exec(command) ?? [];
  return name !== undefined && text !== undefined ? [[name, text]] : [];
}
