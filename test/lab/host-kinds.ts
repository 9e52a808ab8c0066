import { containers } from './container/container-kind';
import type { HostKindName } from './lab-config';
import type { HostKind } from './lab-host';
import { virtualMachines } from './vm/vm-kind';

const kinds: Readonly<Record<HostKindName, HostKind>> = { container: containers, vm: virtualMachines };

export function hostKind(name: HostKindName = 'container'): HostKind {
  return kinds[name];
}
