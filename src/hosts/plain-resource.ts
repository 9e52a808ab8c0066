import { Resource } from '@cdktf/provider-null/lib/resource';
import { TerraformResource, type TerraformResourceConfig } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

/**
 * A resource without tokens. cdktf looks for tokens three times in every string of every element, which is most of the
 * time that a stack of many hosts takes; what is done on hosts is plain text, so the stack adds it as it is.
 */
export interface PlainResource extends TerraformResource {
  /** What `toTerraform` of an ordinary resource gives. */
  toPlainTerraform(): PlainConfig;
}

/** Resources by type and name. */
export interface PlainConfig {
  readonly resource: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** `null_resource`. */
export class PlainNullResource extends Resource implements PlainResource {
  override toTerraform(): object {
    return {};
  }

  toPlainTerraform(): PlainConfig {
    return super.toTerraform();
  }
}

export interface PlainDataProps
  extends Pick<TerraformResourceConfig, 'connection' | 'lifecycle' | 'provisioners'> {
  /** Attributes by their names in Terraform: `input`, `triggers_replace`, `for_each`. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** `terraform_data`. cdktf's own class runs `terraform version` at every synth, and fails where there is none. */
export class PlainData extends TerraformResource implements PlainResource {
  private readonly attributes: PlainDataProps['attributes'];

  constructor(scope: Construct, id: string, { attributes, ...config }: PlainDataProps) {
    super(scope, id, { terraformResourceType: 'terraform_data', ...config });
    this.attributes = attributes;
  }

  override toTerraform(): object {
    return {};
  }

  toPlainTerraform(): PlainConfig {
    const config: PlainConfig = super.toTerraform();
    // Last: cdktf sets `for_each` to undefined when it is not an iterator of its own.
    Object.assign(config.resource.terraform_data?.[this.friendlyUniqueId] ?? {}, this.attributes);
    return config;
  }
}

/** Adds the plain resources below a construct to a stack's configuration. */
export function addPlain(config: { resource?: Record<string, object> }, scope: IConstruct): void {
  for (const node of scope.node.findAll()) {
    if (!isPlain(node)) continue;
    for (const [type, named] of Object.entries(node.toPlainTerraform().resource)) {
      config.resource ??= {};
      config.resource[type] = Object.assign(config.resource[type] ?? {}, named);
    }
  }
}

function isPlain(node: IConstruct): node is PlainResource {
  return node instanceof PlainNullResource || node instanceof PlainData;
}
