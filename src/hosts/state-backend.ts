import { TerraformBackend, type TerraformRemoteState, type TerraformStack } from 'cdktf';
import { stateFile } from '../model/state-file';
import type { Topology } from '../model/topology';
import { fromStack } from './project-folder';
import { escapeTemplate } from './template-literal';

/** Where Terraform keeps the state: any backend that it knows, with its settings as they are. */
export class StateBackend extends TerraformBackend {
  private readonly settings: Readonly<Record<string, unknown>>;

  constructor(stack: TerraformStack, topology: Topology) {
    const { type, settings } = topology.backend ?? { type: 'local', settings: {} };
    super(stack, 'backend', type);
    // Beside cluster.yaml, as all paths in it: cdktf's default is absolute, and cdktf.out may be removed.
    const file = type === 'local' ? stateFile(topology) : undefined;
    this.settings = { ...settings, ...(file !== undefined && { path: fromStack(file) }) };
  }

  override getRemoteStateDataSource(): TerraformRemoteState {
    throw new Error('nothing reads this state');
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return literal(this.settings) as { [name: string]: unknown };
  }
}

/** Every text in it as Terraform reads it. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return escapeTemplate(value);
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]));
}
