import { Resource } from '@cdktf/provider-null/lib/resource';
import { DataResource, type TerraformResource } from 'cdktf';

/**
 * A resource without tokens. cdktf looks for tokens three times in every string of every element, which is most of the
 * time that a stack of many hosts takes; the steps on hosts are plain text, so the stack adds them as they are.
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

/** `terraform_data`. */
export class PlainDataResource extends DataResource implements PlainResource {
  override toTerraform(): object {
    return {};
  }

  toPlainTerraform(): PlainConfig {
    return super.toTerraform();
  }
}

/** Adds the plain resources to a stack's configuration. */
export function addPlain(
  config: { resource?: Record<string, object> },
  resources: Iterable<PlainResource>,
): void {
  for (const plain of resources) {
    for (const [type, named] of Object.entries(plain.toPlainTerraform().resource)) {
      config.resource ??= {};
      config.resource[type] = Object.assign(config.resource[type] ?? {}, named);
    }
  }
}
