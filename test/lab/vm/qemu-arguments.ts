import type { HostConfig } from '../lab-config';
import type { BaseSystem } from './base-system';
import type { Guest } from './guest';
import type { MachinePackages } from './machine-packages';
import { bootDisk } from './raspberry';

export interface Hardware {
  readonly accelerator: 'kvm' | 'tcg';
  /** Path of a file of the host. */
  readonly file: (name: string) => string;
  readonly bridgePort: string;
  readonly macAddress: string;
}

/** Memory of a host in MiB, unless its config says otherwise: enough for an agent. */
export const defaultMemory = 2048;
/** Of its processors. */
export const defaultCpus = 2;

/** MiB of translated code, under emulation. */
export const translationCache = 1024;
const kernelArguments = [
  'quiet',
  'mitigations=off',
  // Watching for processors that stand still makes sense on hardware only.
  'nowatchdog',
  'panic=1',
  'cryptomgr.notests=1',
  // Hardware that there is not.
  'systemd.ssh_auto=no',
  'systemd.getty_auto=no',
];

/** With these a cluster is back in five sixths of the time after a reboot, and of the processor time. */
const emulatedKernelArguments = [
  // Go waits for parts of a millisecond all the time, and every timer that is set wakes QEMU's main loop. Ticks are enough.
  'highres=off',
  // Clears 2 MiB for one page that is touched; emulation has no large pages.
  'transparent_hugepage=madvise',
  // Against attacks: more work at every allocation, copy and call.
  'init_on_alloc=0',
  'hardened_usercopy=off',
  'randomize_kstack_offset=off',
];

/** Debian's kernel has both, and starts AppArmor. Until auditd runs, the kernel keeps what is denied. */
const systemArguments = {
  debian: ['audit=0'],
  el: ['audit=1', 'audit_backlog_limit=8192', 'security=selinux'],
};

/** QEMU's own arguments; the last one is the kernel's command line. */
export function qemuArguments(
  packages: MachinePackages,
  guest: Guest,
  base: BaseSystem,
  config: HostConfig,
  { accelerator, file, bridgePort, macAddress }: Hardware,
): string[] {
  const isKvm = accelerator === 'kvm';
  const append = [
    `console=${guest.console}`,
    ...kernelArguments,
    ...guest.kernelArguments,
    ...systemArguments[config.system ?? 'debian'],
    ...(isKvm ? [] : emulatedKernelArguments),
  ];
  const disks = (config.disks ?? []).map((_, index) => disk(`disk${index}`, file(`disk${index}.img`)));
  return [
    ...['-L', packages.path('usr/share/qemu'), '-L', packages.path('usr/share/seabios')],
    ...['-name', config.name, '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-machine', guest.machine],
    ...['-accel', isKvm ? 'kvm' : `tcg,thread=multi,tb-size=${translationCache}`],
    ...['-cpu', isKvm ? 'host' : guest.emulatedCpu],
    ...['-smp', String(config.cpus ?? defaultCpus), '-m', String(config.memory ?? defaultMemory)],
    ...['-chardev', `file,id=console,path=${file('console.log')},append=on`, '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-pci', '-device', 'virtio-rng-pci'],
    ...['-chardev', `socket,id=agent,path=${file('agent.sock')},server=on,wait=off`],
    ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
    ...['-netdev', `tap,id=lan,ifname=${bridgePort},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=lan,mac=${macAddress},romfile=`],
    ...disk('lab-root', file('system.img')),
    ...disk('lab-packages', base.packages, ',readonly=on'),
    ...disks.flat(),
    ...(config.firmware ? raspberryArguments(file) : []),
    ...['-kernel', base.kernel, '-initrd', file('initrd'), '-append', append.join(' ')],
  ];
}

/** What `firmware.sh` relies on. */
function raspberryArguments(file: Hardware['file']): string[] {
  const note = ['-trace', 'enable=qemu_system_shutdown_request', '-D', file('shutdown')];
  return [...disk(bootDisk, file(`${bootDisk}.img`)), '-no-reboot', ...note];
}

/** Flushes are not waited for: the machine's own page cache outlives a virtual machine's loss of power. */
function disk(serial: string, path: string, options = ''): string[] {
  return [
    '-drive',
    `if=none,id=${serial},file=${path},format=raw,cache=unsafe,aio=threads,discard=unmap${options}`,
    '-device',
    `virtio-blk-pci,drive=${serial},serial=${serial}`,
  ];
}
