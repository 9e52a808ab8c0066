import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Topology } from '../../../src/model/topology';
import { answers } from '../../support/needs';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'k3s-cdk');

/** Where HashiCorp's null provider may lie beforehand, laid out as a mirror of the registry. */
export const providerMirror = join(cache, 'providers');

/** What a test applies with. */
export interface Tools {
  /** Terraform or OpenTofu, as a name or a path. */
  readonly program: string;
  /** What cluster.yaml says. */
  readonly provisioner: Topology['provisioner'];
}

const first = (...programs: string[]) => programs.find((program) => answers(program, 'version'));

const named = process.env.TERRAFORM_BINARY_NAME;
const terraform = named ? first(named) : first('terraform', 'tofu', join(cache, 'bin', 'tofu'));

const hasProvider = existsSync(join(providerMirror, 'registry.terraform.io/hashicorp/null'));

/**
 * Terraform where it is there, or what `TERRAFORM_BINARY_NAME` says; null_resource where its provider is at hand and
 * `LAB_PROVISIONER` is not `builtin`.
 */
export const usualTools: Tools = {
  program: terraform ?? '',
  provisioner: hasProvider && process.env.LAB_PROVISIONER !== 'builtin' ? 'null-resource' : 'builtin',
};

/** The other way: OpenTofu where it is there, and no provider at all. */
export const otherTools: Tools = {
  program: (named ? terraform : first('tofu', join(cache, 'bin', 'tofu'))) ?? terraform ?? '',
  provisioner: 'builtin',
};
