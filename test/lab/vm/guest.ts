import type { Architecture } from '../architecture';

/** What virtual machines of an architecture are, as QEMU sees them. */
export interface Guest {
  readonly arch: Architecture;
  /** QEMU's program, in its package. */
  readonly program: string;
  /** Devices that Linux knows without a firmware's help, and nothing else: every one costs time at boot. */
  readonly machine: string;
  readonly emulatedCpu: string;
  readonly console: string;
  /** Of the kernel, for this machine. */
  readonly kernelArguments: readonly string[];
  /** How the names of its kernels end, by size of pages in KiB. */
  readonly kernels: Readonly<Record<number, string>>;
}

export const guests: Readonly<Record<Architecture, Guest>> = {
  amd64: {
    arch: 'amd64',
    program: 'usr/bin/qemu-system-x86_64',
    machine: 'q35,usb=off,vmport=off,smbus=off,hpet=off',
    /**
     * Runs what Debian and Go need and has no wide registers, that would be saved at each change of process: packages
     * are installed in six sevenths of the time that `max` takes, and k3s starts in as much. With `sha-ni` checksums
     * take half the time.
     */
    emulatedCpu: 'Westmere,rdrand=on,sha-ni=on',
    console: 'ttyS0',
    // Calibrating clocks makes sense on hardware only; then what nothing is attached to.
    kernelArguments: ['tsc=reliable', 'no_timer_check', 'modprobe.blacklist=ahci,psmouse'],
    kernels: { 4: '-cloud-amd64' },
  },
  arm64: {
    arch: 'arm64',
    program: 'usr/bin/qemu-system-aarch64',
    machine: 'virt,gic-version=3',
    // A Raspberry Pi 5's.
    emulatedCpu: 'cortex-a76',
    console: 'ttyAMA0',
    kernelArguments: [],
    kernels: { 4: '-cloud-arm64', 16: '-arm64-16k' },
  },
};
