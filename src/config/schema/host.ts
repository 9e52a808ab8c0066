import * as z from 'zod';
import { k3sConfig } from './k3s';
import { labels } from './label-selector';
import { dnsLabel, dnsLabelPattern, ipAddress } from './primitives';
import { hostSsh, sshAddress } from './ssh';
import { packageName } from './step';
import { absolutePath, devicePath } from './text';

export const role = z
  .enum(['database', 'nfs', 'server', 'agent'])
  .describe(
    '`database`: Postgres. `nfs`: NFS server. `server`: k3s control plane and load balancer. `agent`: k3s worker.',
  );

export const disk = z
  .strictObject({
    device: devicePath.describe('Block device by a stable name, `/dev/disk/by-id/…`.'),
    mount: absolutePath.describe('Where to mount it.'),
    filesystem: z.enum(['ext4', 'xfs']).default('ext4').describe('File system to make when formatting.'),
    format: z
      .enum(['never', 'if-blank'])
      .default('never')
      .describe(
        '`if-blank` creates a file system on a device that has no signature of any kind and reads as zeros at its start, its end and in samples between. Any other device is an error, unless it has a file system, which is mounted as it is.',
      ),
  })
  .describe('A disk that is mounted by UUID before anything else runs.');

/** Kubernetes' own form of a taint in the form of this file. */
function taintAsText({ input }: z.core.$ZodRawIssue): string | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const { key = 'key', value = '', effect = 'NoSchedule' } = input as Readonly<Record<string, unknown>>;
  return `a taint is one text here: write '${key}${value === '' ? '' : `=${value}`}:${effect}'`;
}

/** Numbers of a range, of which only the file knows: the schema gets hosts that are expanded. */
const range = '\\[\\d+-\\d+\\]';

function orRange(pattern: RegExp): string {
  return `${pattern.source}|^[-a-z0-9]*${range}[-a-z0-9]*$`;
}

export const host = z
  .strictObject({
    name: dnsLabel
      .describe(
        'Hostname, and name of the node in the cluster. `agent[01-40]` stands for forty hosts: `address` and the items of `nodeIps` then have ranges of the same length, as in `192.168.10.[101-140]`.',
      )
      .meta({ pattern: orRange(dnsLabelPattern) }),
    address: sshAddress.describe('Address to SSH to. Also the address of the node, unless `nodeIps` is set.'),
    group: dnsLabel
      .optional()
      .describe('Name of the group in `groups` whose settings the host has. Default: none.'),
    nodeIps: z
      .array(ipAddress.meta({ anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }, { pattern: range }] }))
      .min(1)
      .max(2)
      .optional()
      .describe(
        'Addresses of the node, when `address` is not its own; two (IPv4 and IPv6) for dual stack. Default: `[address]`.',
      ),
    roles: z
      .array(role)
      .min(1)
      .describe('What the host does. Default: what its group says; a host without one needs it.'),
    ssh: hostSsh.optional(),
    disks: z.array(disk).default([]).describe('Disks to mount.'),
    packages: z
      .array(packageName)
      .default([])
      .describe(
        "More packages to install, by their names in the host's distribution. They stay when they are removed here.",
      ),
    zone: z
      .string()
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, {
        error: (issue) =>
          `'${issue.input}' is not a label value: use at most 63 letters, digits, '-', '_' and '.'`,
      })
      .optional()
      .describe('Failure zone: label `topology.kubernetes.io/zone` of the node. Default: none.'),
    labels: labels.default({}).describe('Labels of the node.'),
    taints: z
      .array(z.string({ error: taintAsText }))
      .default([])
      .describe('Taints of the node, as `key=value:Effect` or `key:Effect`.'),
    arch: z
      .enum(['amd64', 'arm64'])
      .default('arm64')
      .describe(
        'Architecture: which files of `k3s.artifacts` the host gets. Not used without them; `k3s-cdk doctor` reports a host that has another.',
      ),
    config: k3sConfig.default({}).describe('Extra k3s configuration for this host; overrides `k3s.config`.'),
  })
  .describe('One machine.')
  // Editors see the file as it is written.
  .meta({ required: ['name', 'address'], if: { required: ['group'] }, else: { required: ['roles'] } });

/** What hosts can have in common. */
export const group = host
  .omit({ name: true, address: true, nodeIps: true, group: true })
  .partial()
  .describe('What the hosts of the group have in common.');
