import { Resource } from '@cdktf/provider-null/lib/resource';
import type { FileProvisioner, RemoteExecProvisioner } from 'cdktf';
import { Construct } from 'constructs';
import { isScript, type SynthesizedStep } from '../model/host-step';
import { stepAddress, stepName, stepResource } from '../model/step-address';
import type { Host, Topology } from '../model/topology';
import { confirmRuns, runOf } from './confirm-runs';
import { connection } from './connection';
import { envFile } from './env-file';
import { leaveOutDeferred } from './leave-out-deferred';
import { machineIdentity } from './machine-identity';
import { PlainResources, TerraformData } from './plain-resources';
import { operatorPath } from './project-folder';
import {
  homeScriptPath,
  type PrepareCommandsOptions,
  prepareCommands,
  runCommands,
  stepFolder,
} from './step-commands';
import { type Files, hashOf, StepFolders } from './step-folders';
import { escapeTemplate } from './template-literal';

/** What a step uploads: how it starts, what it does, and what that needs. */
export type StepFiles = Files & Readonly<Record<'start.sh' | 'run.sh', string>>;

export interface RemoteStepProps {
  readonly host: Host;
  /** What Terraform's resource is made of. */
  readonly provisioner: Topology['provisioner'];
  /**
   * What is uploaded to the host: `run.sh`, which runs as root, and what it needs beside it, `stepScripts`
   * included. Pass
   * the same object for every host that gets the same files.
   */
  readonly files: StepFiles;
  /**
   * Parameters of this host, which `run.sh` finds as `step.env` beside it, with the host's name as `HOST`. No secrets.
   *
   * @default - only `HOST`
   */
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  /** Files that only this host gets, beside `run.sh`. No secrets. @default - none */
  readonly hostFiles?: Files;
  /** Files as people review them, without what depends on known_hosts. @default - as they are */
  readonly reviewed?: Files;
  /**
   * More parameters for `step.env`, as Terraform expressions (`var.leave_data`) that are evaluated when the step
   * starts. They do not run it again when they change.
   *
   * @default - none
   */
  readonly lateEnv?: Readonly<Record<string, string>>;
  /** A folder of the operator: secrets, or files too large for `files`. @default - none */
  readonly upload?: StepUpload;
  /**
   * Files whose change the plan shows under a separate name instead of `config`: contents by that name, and
   * the names of their files.
   *
   * @default - every file that is not a script is `config`
   */
  readonly planSections?: {
    readonly sections: Readonly<Record<string, Files>>;
    readonly files: readonly string[];
  };
  /** More values whose change runs the step again, shown in the plan as they are. @default - none */
  readonly triggers?: Readonly<Record<string, string>>;
  /**
   * Resources whose change in place runs the step again. Instances of them that come or go do not.
   *
   * @default - none
   */
  readonly changesOf?: readonly string[];
  /** Steps that must have run before, or other resources. @default - none */
  readonly dependsOn?: readonly (Pick<RemoteStep, 'address'> & Partial<Pick<RemoteStep, 'description'>>)[];
  /**
   * Nothing ran on the host before: checks what running a step needs. `run.sh` finds the operator's clock as
   * `OPERATOR_TIME`, and its own at that moment as `UPTIME`.
   *
   * @default false
   */
  readonly first?: boolean;
}

/** A folder on the operator's machine. It never enters Terraform's values; `run.sh` gets its path as first argument. */
export interface StepUpload {
  /** Absolute, with `~`, or relative to the folder of cluster.yaml. */
  readonly folder: string;
  /**
   * Files that must be in it. Their sha256 runs the step again, and is kept in the state: certificates, random tokens
   * and checksum files only, never anything guessable or a private key.
   */
  readonly hashed: readonly string[];
  /** Files that may be missing, whose sha256 runs the step again, too. @default - none */
  readonly watched?: readonly string[];
  /** More files that must be in it. @default - none */
  readonly needed?: readonly string[];
  /** What to do if one of them is missing, as the end of a sentence: `run 'k3s-cdk init'`. */
  readonly remedy: string;
}

/**
 * One thing that is done on one host: uploads files there and runs their `run.sh` as root, whenever one of its triggers
 * changes. The only user of null_resource, connections and provisioners.
 */
export class RemoteStep extends Construct {
  /** What others depend on: `null_resource.server1_k3s`. */
  readonly address: string;
  readonly description: SynthesizedStep;

  /** @param name what is done: `k3s` on `server1` is `null_resource.server1_k3s` in the plan */
  constructor(scope: Construct, name: string, props: RemoteStepProps) {
    super(scope, name);
    const { host, files, upload } = props;
    const folder = StepFolders.of(this).add(name, files);
    const hostFiles = { ...props.hostFiles, 'step.env': envFile({ ...props.env, HOST: host.name }) };
    const uploadPath = upload && operatorPath(upload.folder);
    const id = stepName(host.name, name);
    const triggers = {
      ...contentTriggers(host, files, hostFiles, props.planSections),
      ...(upload && uploadPath && uploadTriggers(upload, uploadPath)),
      ...props.triggers,
    };
    const settings = {
      connection: connection(host, props),
      provisioners: [
        prepareFolder(host, {
          step: name,
          confirm: confirmBelow(props),
          sharedFiles: StepFolders.expression(folder),
          hostFiles,
          first: props.first,
        }),
        ...(uploadPath ? [fileUpload(uploadPath, stepFolder(name))] : []),
        remoteExec(
          runCommands({
            step: name,
            upload: upload?.folder,
            lateEnv: props.lateEnv,
            first: props.first,
          }),
        ),
      ],
      ...((upload || props.changesOf) && {
        lifecycle: {
          ...(upload && uploadPath && { precondition: [uploadIsThere(host, upload, uploadPath)] }),
          ...(props.changesOf && { replaceTriggeredBy: [...props.changesOf] }),
        },
      }),
    };
    const resource =
      props.provisioner === 'builtin'
        ? new TerraformData(this, 'Resource', { ...settings, attributes: { triggers_replace: triggers } })
        : new Resource(this, 'Resource', { ...settings, triggers });
    leaveOutDeferred(resource, host);
    resource.overrideLogicalId(id);
    // Names as they are: as a property of the constructor each would become a token.
    resource.dependsOn = props.dependsOn?.map((step) => step.address) ?? [];
    PlainResources.of(this).add(resource);
    this.address = stepResource(props.provisioner, host.name, name);
    this.description = {
      ...{ address: stepAddress(props.provisioner, host, name), host: host.name, step: name },
      files: { ...files, ...hostFiles },
      ...{ shared: files, own: hostFiles, reviewed: props.reviewed ?? noFiles, triggers },
      after: resource.dependsOn,
      ...(upload && { upload: upload.folder }),
    };
  }
}

/** What it is built on, on its own host: a killed Terraform may believe that it ran. */
function confirmBelow({ host, provisioner, dependsOn = [] }: RemoteStepProps): string[] {
  const runs = dependsOn.flatMap(({ address, description }) =>
    description?.host === host.name ? [`${description.step}=${runOf({ address, description })}`] : [],
  );
  return runs.length === 0 ? [] : confirmRuns({ provisioner }, host, [...new Set(runs)].join(' '));
}

const noFiles: Files = {};

/** Without a trailing slash, a folder is placed into `destination` under its own name. */
function fileUpload(source: string, destination: string): FileProvisioner {
  return { type: 'file', source, destination };
}

function remoteExec(inline: string[]): RemoteExecProvisioner {
  return { type: 'remote-exec', inline };
}

/** Other settings of the connection are as in the step's own. */
function prepareFolder(host: Host, options: Omit<PrepareCommandsOptions, 'host'>): RemoteExecProvisioner {
  const connection = { type: 'ssh' as const, host: host.address, scriptPath: homeScriptPath };
  return { ...remoteExec(prepareCommands({ host, ...options })), connection };
}

/** Separate values, so that the plan says what changed. */
function contentTriggers(
  host: Host,
  files: Files,
  hostFiles: Files,
  planSections: RemoteStepProps['planSections'],
): Record<string, string> {
  const shared = sharedHashes(files, planSections?.files);
  const sections = Object.entries(planSections?.sections ?? {}).map(([name, texts]) => [name, hashOf(texts)]);
  return {
    address: host.address,
    // A new machine under an old name has a different one, and none of what steps have done.
    machine: machineIdentity(host),
    script: shared.scripts,
    config: hashOf({ ...hostFiles, shared: shared.others }),
    ...Object.fromEntries(sections),
  };
}

const knownHashes = new WeakMap<Files, { readonly scripts: string; readonly others: string }>();

/** Hashes of the files that hosts share, computed once for all of them. */
function sharedHashes(files: Files, apart: readonly string[] = []) {
  const known = knownHashes.get(files);
  if (known) return known;
  const entries = Object.entries(files);
  const hashes = {
    scripts: hashOf(Object.fromEntries(entries.filter(([name]) => isScript(name)))),
    others: hashOf(Object.fromEntries(entries.filter(([name]) => !isScript(name) && !apart.includes(name)))),
  };
  knownHashes.set(files, hashes);
  return hashes;
}

/** `try`: a missing file is left to the precondition, whose error says what to do. */
function uploadTriggers({ hashed, watched = [] }: StepUpload, path: string): Record<string, string> {
  return Object.fromEntries(
    [...hashed, ...watched].map((name) => [name, `\${try(filesha256("${path}/${name}"), "missing")}`]),
  );
}

function uploadIsThere(host: Host, { folder, hashed, needed = [], remedy }: StepUpload, path: string) {
  const names = [...hashed, ...needed];
  // Terraform rejects a condition that refers to nothing, such as one about an absolute path alone.
  const reference = path.includes('path.module') ? '' : 'path.module != "" && ';
  return {
    condition: `\${${reference}${names.map((name) => `fileexists("${path}/${name}")`).join(' && ')}}`,
    errorMessage: escapeTemplate(
      `Host '${host.name}' needs ${names.map((name) => `'${folder}/${name}'`).join(', ')}: ${remedy}.`,
    ),
  };
}
