import { isAddressRange } from '../net/address';
import type { Path } from './path';

// Terms that people know from other tools, and their equivalents here. Places are paths without the indices
// of lists: `hosts.roles`.

export function placeOf(path: Path): string {
  // A group has keys of hosts.
  const place = path[0] === 'groups' && path.length > 1 ? ['hosts', ...path.slice(2)] : path;
  return place.filter((key) => typeof key === 'string').join('.');
}

const otherKeys: Readonly<Record<string, string>> = {
  'addons.dashboard': "'headlamp' is the dashboard here",
  'addons.kubernetes-dashboard': "'headlamp' is the dashboard here",
  'addons.traefik': "it is 'ingress: traefik' here",
  'database.external.password':
    "a password has no place here: write it into the file 'secrets/database-password'",
  'hosts.address': "each host has its own: write it in 'hosts'",
  'hosts.group': "a group is in no other: name it at its hosts, in 'hosts'",
  'hosts.hostname': "it is 'name' here",
  'hosts.hosts': "hosts name their group: write 'group: …' at each of them, in 'hosts'",
  'hosts.ip': "it is 'address' here",
  'hosts.name': "each host has its own: write it in 'hosts'",
  'hosts.nodeIps': "each host has its own: write it in 'hosts'",
  'hosts.password':
    "passwords have no place here: hosts let you in by a key, which 'ssh-copy-id' brings to them",
  'hosts.ssh.password':
    "passwords have no place here: hosts let you in by a key, which 'ssh-copy-id' brings to them",
  'ssh.password':
    "passwords have no place here: hosts let you in by a key, which 'ssh-copy-id' brings to them",
  'ssh.keyFile': "it is 'privateKey' here",
  'ssh.identityFile': "it is 'privateKey' here",
  nodes: "it is 'hosts' here",
  vip: "it is 'api.address' here",
};

/** What a key is called here. */
export function hintForKey(place: string, key: string): string | undefined {
  const whole = place === '' ? key : `${place}.${key}`;
  return Object.hasOwn(otherKeys, whole) ? otherKeys[whole] : undefined;
}

const otherRoles: Readonly<Record<string, string>> = {
  'control-plane': 'server',
  controlplane: 'server',
  etcd: 'database',
  master: 'server',
  node: 'agent',
  postgres: 'database',
  storage: 'nfs',
  worker: 'agent',
};

/** What a value is called here. */
export function hintForValue(path: Path, value: string): string | undefined {
  const word = value.toLowerCase();
  if (placeOf(path) !== 'hosts.roles' || !Object.hasOwn(otherRoles, word)) return undefined;
  return `'${value}' is '${otherRoles[word]}' here`;
}

/** A mapping, from the single text that somebody wrote instead of it. */
export function mappingOf(path: Path, text: string): string | undefined {
  if (/[{}[\]#'"]/.test(text)) return undefined;
  switch (placeOf(path)) {
    case 'k3s':
      return `{ version: ${text} }`;
    case 'metallb.pools':
      return isAddressRange(text) ? `{ name: lan, addresses: [${text}] }` : undefined;
    case 'ssh':
      return `{ user: ${text} }`;
    case 'api':
      return `{ address: ${text} }`;
    default:
      return undefined;
  }
}
