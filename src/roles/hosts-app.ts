import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { StepFolders } from '../hosts/step-folders';
import type { SynthesizedStep } from '../model/host-step';
import type { Topology } from '../model/topology';
import type { FileTree } from '../output/file-tree';
import type { HostsContext } from './hosts-context';
import { HostsStack } from './hosts-stack';

export interface HostsOutput {
  /** Below `cdktf.out/`. */
  readonly files: FileTree;
  /** What these files do on hosts. */
  readonly steps: readonly SynthesizedStep[];
}

/**
 * Everything that happens on the hosts.
 *
 * @throws Error listing every construct that does not validate
 */
export function synthHosts(topology: Topology, context: HostsContext): HostsOutput {
  // cdktf's App creates folders as soon as it is constructed, and writes there; nothing must be written yet.
  const scratch = mkdtempSync(join(tmpdir(), 'k3s-cdk-'));
  try {
    const app = new App({ outdir: scratch, hclOutput: false });
    const stack = new HostsStack(app, topology, context);
    const invalid = stack.node.validate();
    if (invalid.length > 0) throw new Error(`the stack is not valid:\n${invalid.join('\n')}`);
    // Not `app.synth()`, which writes, and first resolves every element once more for references between stacks.
    app.manifest.forStack(stack);
    const files = new Map([
      ['manifest.json', json(app.manifest.buildManifest())],
      ['stacks/hosts/cdk.tf.json', withoutTokens(json(stack.toTerraform()))],
      ...[...StepFolders.of(stack).all()].map(
        ([path, content]) => [`stacks/hosts/steps/${path}`, content] as const,
      ),
    ]);
    return { files, steps: stack.steps };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Steps are written without cdktf's search for tokens: one in them would be our own mistake. The user's text
 * that only looks like one has been escaped.
 */
function withoutTokens(text: string): string {
  const token = /(?<!\$)\$\{TfToken\[[^\]$]*\]\}/.exec(text);
  if (token) throw new Error(`the stack has an unresolved token: ${token[0]}`);
  return text;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
