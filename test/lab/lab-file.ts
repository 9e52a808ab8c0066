import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { ownArchitecture } from './architecture';
import type { HostOverrides } from './lab-config';

const disk = z.strictObject({
  device: z.string().startsWith('/dev/disk/'),
  size: z.int().min(16).optional(),
});

const host = z
  .strictObject({
    user: z.string().optional(),
    port: z.int().min(1).max(65535).optional(),
    sudo: z.enum(['passwordless', 'password', 'none']).optional(),
    disks: z.array(disk).optional(),
    storage: z.int().min(256).optional(),
    memory: z.int().min(512).optional(),
    cpus: z.int().min(1).optional(),
    arch: z.enum(['amd64', 'arm64']).optional(),
    system: z.enum(['debian', 'el']).optional(),
    pageSize: z.union([z.literal(4), z.literal(16)]).optional(),
    firmware: z.enum(['raspberry', 'raspberry-ubuntu']).optional(),
    personality: z.enum(['x86', 'x86-64']).optional(),
    shared: z.string().startsWith('/').optional(),
  })
  .refine(({ arch, pageSize }) => arch === 'arm64' || pageSize !== 16, {
    path: ['pageSize'],
    error: "only arm64 has a kernel with pages of 16 KiB: add 'arch: arm64'",
  })
  .refine(({ arch, firmware }) => arch === 'arm64' || firmware === undefined, {
    path: ['firmware'],
    error: "a Raspberry Pi is an arm64 machine: add 'arch: arm64'",
  })
  .refine(({ arch = ownArchitecture, system }) => arch === 'amd64' || system !== 'el', {
    path: ['system'],
    error: "Enterprise Linux is there with amd64 only: leave 'arch: arm64' out",
  });

const labFile = z.strictObject({ hosts: z.record(z.string(), host) });

/** Reads a lab file: what the lab's hosts have other than cluster.yaml says, by host name. Throws what is wrong. */
export function loadOverrides(file: string): Record<string, HostOverrides> {
  const result = labFile.safeParse(parse(readFileSync(file, 'utf8')));
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
  return result.data.hosts as Record<string, HostOverrides>;
}
