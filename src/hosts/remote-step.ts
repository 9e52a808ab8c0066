import { Resource } from '@cdktf/provider-null/lib/resource';
import { DataResource, type FileProvisioner, type RemoteExecProvisioner } from 'cdktf';
import { Construct } from 'constructs';
import type { Host, Topology } from '../model/topology';
import { connection } from './connection';
import { envFile } from './env-file';
import { type Files, hashOf, StepFolders } from './step-folders';
import { escapeTemplate } from './template-literal';

export interface RemoteStepProps {
  readonly host: Host;
  /** What Terraform's resource is made of. */
  readonly provisioner: Topology['provisioner'];
  /**
   * What is uploaded: `run.sh`, which is run as root, and what it needs beside it. Pass the same object for every
   * host that gets the same files.
   */
  readonly files: Files & { readonly 'run.sh': string };
  /** Parameters of this host, which `run.sh` finds as `step.env` beside it. No secrets. @default - none */
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  /** Files that only this host gets, beside `run.sh`. No secrets. @default - none */
  readonly hostFiles?: Files;
  /** Secret files to upload. @default - none */
  readonly secrets?: StepSecrets;
  /** More values whose change runs the step again, shown in the plan as they are. @default - none */
  readonly triggers?: Readonly<Record<string, string>>;
  /** Steps that must have run before. @default - none */
  readonly dependsOn?: readonly RemoteStep[];
  /** The folder that others upload to does not exist yet. @default false */
  readonly first?: boolean;
}

export interface StepSecrets {
  /** Folder on the operator's machine, relative to the one of cluster.yaml. It comes to lie beside `run.sh`'s folder. */
  readonly folder: string;
  /** Files in it whose sha256 runs the step again: certificates and random tokens only, never anything guessable. */
  readonly hashed: readonly string[];
}

/** Folder on the hosts that steps upload to, 0700, relative to the SSH user's home. */
const staging = '.k3s-cdk';

/** From the stack's folder, where Terraform runs, to the folder of cluster.yaml. */
const projectFolder = '${path.module}/../../..';

/**
 * One thing that is done on one host: uploads a folder and runs its `run.sh` with sudo, whenever one of its triggers
 * changes. The only user of null_resource, connections and provisioners.
 */
export class RemoteStep extends Construct {
  private readonly resource: Resource | DataResource;

  /** @param name what is done: `k3s` on `server1` is `null_resource.server1_k3s` in the plan */
  constructor(scope: Construct, name: string, props: RemoteStepProps) {
    super(scope, name);
    const { host, files, env = {}, hostFiles = {}, secrets } = props;
    const folder = StepFolders.of(this).add(name, files);
    const triggers = { ...stepTriggers(props), ...props.triggers };
    const settings = {
      connection: connection(host),
      provisioners: [
        ...(props.first ? [run([`install -d -m 0700 ${staging}`])] : []),
        upload(`\${path.module}/steps/${folder}`),
        ...(secrets ? [upload(`${projectFolder}/${secrets.folder}`)] : []),
        run(commands(folder, { ...hostFiles, 'step.env': envFile(env) }, secrets)),
      ],
      dependsOn: props.dependsOn?.map((step) => step.resource) ?? [],
    };
    this.resource =
      props.provisioner === 'builtin'
        ? new DataResource(this, 'Resource', { ...settings, triggersReplace: triggers })
        : new Resource(this, 'Resource', { ...settings, triggers });
    this.resource.overrideLogicalId(logicalId(host.name, name));
  }
}

function upload(source: string): FileProvisioner {
  return { type: 'file', source, destination: staging };
}

function run(inline: string[]): RemoteExecProvisioner {
  return { type: 'remote-exec', inline };
}

/** One script, sent and run over one connection: the host's own files, then `run.sh`. */
function commands(folder: string, hostFiles: Files, secrets: StepSecrets | undefined): string[] {
  const here = `${staging}/${folder}`;
  const end = 'END_OF_K3S_CDK_FILE';
  return [
    'set -eu',
    ...Object.keys(hostFiles)
      .sort()
      .map((name) => escapeTemplate(`cat >${here}/${name} <<'${end}'\n${hostFiles[name]}${end}`)),
    `sudo -n bash ${here}/run.sh${secrets ? ` ${staging}/${baseName(secrets.folder)}` : ''}`,
  ];
}

/** Separate values, so that the plan says what changed. */
function stepTriggers({
  host,
  files,
  env = {},
  hostFiles = {},
  secrets,
}: RemoteStepProps): Record<string, string> {
  const isScript = ([name]: [string, string]) => name.endsWith('.sh');
  const entries = Object.entries(files);
  return {
    address: host.address,
    script: hashOf(Object.fromEntries(entries.filter(isScript))),
    config: hashOf({
      ...Object.fromEntries(entries.filter((entry) => !isScript(entry))),
      ...hostFiles,
      'step.env': envFile(env),
    }),
    ...Object.fromEntries(
      (secrets?.hashed ?? []).map((name) => [
        name,
        `\${filesha256("${projectFolder}/${secrets?.folder}/${name}")}`,
      ]),
    ),
  };
}

/** Names in Terraform start with a letter; host names may start with a digit. */
function logicalId(host: string, step: string): string {
  return /^\d/.test(host) ? `host_${host}_${step}` : `${host}_${step}`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
