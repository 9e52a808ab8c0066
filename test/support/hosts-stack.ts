import type { Topology } from '../../src/model/topology';
import { synthHosts } from '../../src/roles/hosts-app';

interface Step {
  readonly triggers: Readonly<Record<string, string>>;
  readonly connection: Readonly<Record<string, string | number>>;
  readonly depends_on?: readonly string[];
  readonly provisioner: readonly {
    readonly file?: { readonly source: string; readonly destination: string };
    readonly 'remote-exec'?: { readonly inline: readonly string[] };
  }[];
  readonly lifecycle?: {
    readonly precondition?: readonly { readonly condition: string; readonly error_message: string }[];
    readonly replace_triggered_by?: readonly string[];
  };
}

/** The synthesized hosts output, asked for steps by their id and for files by the step that uploads them. */
export class SynthesizedHosts {
  private readonly files: ReadonlyMap<string, string>;
  private readonly steps: Readonly<Record<string, Step>>;

  constructor(topology: Topology) {
    this.files = synthHosts(topology, { crds: '', manifestSet: '' }).files;
    this.steps = JSON.parse(this.files.get('stacks/hosts/cdk.tf.json') ?? '{}').resource.null_resource;
  }

  /** The Terraform configuration, without cdktf's notes about itself. */
  static terraform(topology: Topology): {
    readonly resource: Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;
  } {
    const text =
      synthHosts(topology, { crds: '', manifestSet: '' }).files.get('stacks/hosts/cdk.tf.json') ?? '{}';
    return JSON.parse(text, (key, value) => (key === '//' ? undefined : value));
  }

  ids(): string[] {
    return Object.keys(this.steps).sort();
  }

  byId(id: string): Step {
    const step = this.steps[id];
    if (!step) throw new Error(`no step '${id}' among ${this.ids().join(' ')}`);
    return step;
  }

  /** What a step does over SSH, a connection each. */
  overSsh(id: string): Step['provisioner'] {
    return this.byId(id).provisioner.filter((each) => each.file ?? each['remote-exec']);
  }

  /** Ids of the steps that come directly before a step. */
  before(id: string): string[] {
    return (this.byId(id).depends_on ?? []).map((address) => address.replace('null_resource.', '')).sort();
  }

  /** Files of the shared folder of a step, by name. */
  filesOf(id: string): Record<string, string> {
    const [, name] = /^\$\{local\.step_files\["(.*)"\]\}$/m.exec(this.commands(id)) ?? [];
    const folder = `stacks/hosts/steps/${name}`;
    return Object.fromEntries(
      [...this.files]
        .filter(([path]) => path.startsWith(`${folder}/`))
        .map(([path, text]) => [path.slice(`${folder}/`.length), text]),
    );
  }

  /** What a step runs on its host, all connections. */
  commands(id: string): string {
    return this.byId(id)
      .provisioner.flatMap((provisioner) => provisioner['remote-exec']?.inline ?? [])
      .join('\n');
  }
}
