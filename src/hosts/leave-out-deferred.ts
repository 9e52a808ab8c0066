import type { TerraformResource } from 'cdktf';
import { deferredVariable, isDeferrable } from '../model/deferral';
import type { Host } from '../model/topology';

/** Has no such resource in an apply that defers its host. Its address then ends in `[0]`. */
export function leaveOutDeferred(resource: TerraformResource, host: Host): void {
  if (!isDeferrable(host)) return;
  resource.addOverride('count', `\${contains(var.${deferredVariable}, "${host.name}") ? 0 : 1}`);
}
