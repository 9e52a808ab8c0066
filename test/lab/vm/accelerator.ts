import { accessSync, constants, readFileSync } from 'node:fs';
import { ownArchitecture } from '../architecture';

/**
 * `kvm` where the processor runs guests, otherwise `tcg`: emulation, five to ten times slower. A `/dev/kvm` alone says
 * little: inside of some virtual machines it runs only kernels that were made for it. `LAB_ACCEL` overrides.
 */
export function accelerator(arch = ownArchitecture): 'kvm' | 'tcg' {
  if (arch !== ownArchitecture) return 'tcg';
  const wanted = process.env.LAB_ACCEL;
  if (wanted === 'kvm' || wanted === 'tcg') return wanted;
  if (wanted) throw new Error(`LAB_ACCEL is '${wanted}': set it to kvm or tcg, or leave it out`);
  const virtualization = /^flags\s*:.* (vmx|svm)( |$)/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  return virtualization && opens('/dev/kvm') ? 'kvm' : 'tcg';
}

function opens(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
