import { isMap } from './is-map';
import type { Path } from './path';
import type { Complaint } from './positions';
import { quote } from './quote';
import { cluster } from './schema/cluster';
import { membersOf } from './schema-walk';

/**
 * A part of the file that was written for something else: the schema's messages about it would be useless.
 */
export interface Misplaced {
  readonly path: Path;
  readonly target: 'value' | 'key';
  readonly complaint: Complaint;
}

type Mapping = Readonly<Record<string, unknown>>;

/** Finds what was pasted whole, or indented one level too far. */
export function misplaced(value: unknown): Misplaced | undefined {
  if (!isMap(value)) return undefined;
  const object = kubernetesObject(value);
  if (object) return { path: ['kind'], target: 'value', complaint: object };
  const known = Object.keys(membersOf(cluster));
  if (Object.keys(value).some((key) => known.includes(key))) return pastedUnderMetallb(value);
  for (const [key, member] of Object.entries(value)) {
    if (!isMap(member)) continue;
    if (['name', 'ssh', 'hosts', 'k3s'].filter((name) => name in member).length > 1) return nested(key);
    if (['children', 'hosts'].some((name) => isMap(member[name]))) return inventory(key);
  }
  return undefined;
}

function pastedUnderMetallb({ metallb }: Mapping): Misplaced | undefined {
  const object = isMap(metallb) ? kubernetesObject(metallb) : undefined;
  return object && { path: ['metallb'], target: 'key', complaint: object };
}

function nested(key: string): Misplaced {
  return {
    path: [key],
    target: 'key',
    complaint: {
      code: 'nested',
      message: `everything stands below ${quote(key)}: delete this line, and move what follows to the left, so that 'name', 'hosts' and 'k3s' begin their lines`,
    },
  };
}

function inventory(key: string): Misplaced {
  return {
    path: [key],
    target: 'key',
    complaint: {
      code: 'other-tool',
      message:
        "this is an inventory of Ansible: here 'hosts' is one list, and each host says what it does, such as '- { name: server1, address: 192.168.1.11, roles: [server] }'",
      hint: "'k3s-cdk init -f NEW.yaml' asks for the addresses and writes such a file",
    },
  };
}

/** Where cluster.yaml configures what these objects do. */
export const homes: Readonly<Record<string, string>> = {
  AddressPool: 'metallb.pools',
  BFDProfile: 'metallb.bgp.bfdProfiles',
  BGPAdvertisement: 'metallb.bgp.advertisements',
  BGPPeer: 'metallb.bgp.peers',
  ClusterIssuer: 'addons.certManager.issuers',
  Community: 'metallb.bgp.communities',
  IPAddressPool: 'metallb.pools',
  L2Advertisement: 'metallb.l2.advertisements',
  StorageClass: 'nfs',
};

function kubernetesObject({ apiVersion, kind, metadata, spec }: Mapping): Complaint | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const home = Object.hasOwn(homes, kind) ? homes[kind] : undefined;
  const article = /^([AEIO]|[FHLMNRSX][A-Z])/.test(kind) ? 'an' : 'a';
  const what = `this is ${article} ${quote(kind)} of Kubernetes`;
  if (home === undefined)
    return {
      code: 'other-tool',
      message: `${what}, and this file describes the machines of a cluster and what is on them: keep it in a file of its own, and name that in 'manifests'`,
    };
  const name = isMap(metadata) && typeof metadata.name === 'string' ? metadata.name : 'lan';
  const addresses = isMap(spec) && Array.isArray(spec.addresses) ? spec.addresses.join(', ') : undefined;
  const example =
    home === 'metallb.pools' && addresses !== undefined
      ? `, as ${quote(`- { name: ${name}, addresses: [${addresses}] }`)}`
      : '';
  return { code: 'other-tool', message: `${what}: what it says is ${quote(home)} here${example}` };
}
