import { TerraformResource, type TerraformResourceConfig, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/** Terraform's configuration as JSON: resources by type and name. */
interface Config {
  resource?: Record<string, Record<string, Record<string, unknown>>>;
}

const perStack = new WeakMap<TerraformStack, PlainResources>();

/**
 * Resources without tokens. cdktf walks its tree half a dozen times and looks for tokens in every string of
 * it, which takes most of the time of a stack with many hosts. Steps are plain text, so these resources are
 * kept out of the tree and added to the configuration as they are.
 */
export class PlainResources {
  private readonly resources: TerraformResource[] = [];

  static of(scope: Construct): PlainResources {
    const stack = TerraformStack.of(scope);
    const resources = perStack.get(stack) ?? new PlainResources();
    perStack.set(stack, resources);
    return resources;
  }

  add(resource: TerraformResource): void {
    resource.node.scope?.node.tryRemoveChild(resource.node.id);
    this.resources.push(resource);
  }

  /** @throws Error when two resources have the same name */
  addTo(config: Config): void {
    for (const each of this.resources) {
      const { resource = {} } = each.toTerraform() as Config;
      for (const [type, named] of Object.entries(resource)) {
        for (const [name, { '//': _, ...attributes }] of Object.entries(named)) {
          config.resource ??= {};
          config.resource[type] ??= {};
          if (config.resource[type][name]) throw new Error(`there are two resources '${type}.${name}'`);
          config.resource[type][name] = attributes;
        }
      }
    }
  }
}

export interface TerraformDataProps
  extends Pick<TerraformResourceConfig, 'connection' | 'lifecycle' | 'provisioners'> {
  /** Attributes by their names in Terraform: `input`, `triggers_replace`, `for_each`. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** `terraform_data`. cdktf's own class runs `terraform version` at every synth, and fails where there is none. */
export class TerraformData extends TerraformResource {
  private readonly attributes: TerraformDataProps['attributes'];

  constructor(scope: Construct, id: string, { attributes, ...config }: TerraformDataProps) {
    super(scope, id, { terraformResourceType: 'terraform_data', ...config });
    this.attributes = attributes;
  }

  override toTerraform(): Config {
    const config: Config = super.toTerraform();
    // Last: cdktf sets `for_each` to undefined when it is not an iterator of its own.
    Object.assign(config.resource?.terraform_data?.[this.friendlyUniqueId] ?? {}, this.attributes);
    return config;
  }
}
