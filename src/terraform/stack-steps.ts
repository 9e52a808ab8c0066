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
      const source = provisioner.flatMap(
        ({ file }) => /\/steps\/([^/]+)$/.exec(file?.source ?? '')?.[1] ?? [],
      )[0];
      const inline = provisioner.flatMap((each) => each['remote-exec']?.inline ?? []);
      const files = { ...folders.get(source ?? ''), ...Object.fromEntries(inline.flatMap(hostFile)) };
      return [{ address, host: target.host, step: target.step, files }];
    }),
  );
}

interface Stack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, StackResource>>>>;
}
interface StackResource {
  readonly provisioner?: readonly {
    readonly file?: { readonly source: string };
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

/** A file of one host travels in the commands: `cat >folder/name <<'END' …`. */
function hostFile(command: string): [string, string][] {
  const [, name, , text] = /^cat >(?:[^\s/]*\/)+([^\s/]+) <<'([^\s']+)'\n(.*)\2$/s.exec(command) ?? [];
  return name !== undefined && text !== undefined ? [[name, text]] : [];
}
