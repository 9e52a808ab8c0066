import { familyOf } from '../../net/address';
import type { NewCluster, NewHost } from './new-cluster';

/** The text of a cluster.yaml, commented for people who see one for the first time. */
export function renderCluster(cluster: NewCluster, schemaPath: string): string {
  const { name, user, privateKey, hosts, virtualIp, k3sVersion } = cluster;
  return `# yaml-language-server: $schema=${schemaPath}
#
# The whole cluster in one file. Edit it, then:
#
#     k3s-cdk validate                  everything that is wrong, at once
#     k3s-cdk init                      secrets and host keys of hosts that are new; it never changes this file
#     k3s-cdk doctor                    whether this machine and the hosts are ready
#     k3s-cdk deploy                    makes the hosts a cluster, and again after every change
#     k3s-cdk status                    the state of all of it
#     k3s-cdk diagram -o cluster.svg    a picture of it

# Name of the cluster and of its kubeconfig context.
name: ${scalar(name)}

# How to log in to the hosts; each can differ by a block \`ssh\` of its own.
ssh:
  user: ${scalar(user)} # needs sudo without a password
  ${privateKey === undefined ? '# privateKey: ~/.ssh/id_ed25519 # without this line, the SSH agent' : `privateKey: ${scalar(privateKey)} # without this line, the SSH agent`}

# The machines. Their addresses should be fixed: in the router, or on the machine itself.
hosts:
${hosts.map(renderHost).join('\n')}

# Where kubectl and the agents find the API.
api:
${
  virtualIp === undefined
    ? '  # With several servers: an address of their subnet that no machine has, outside of what the router gives out.\n  # address:'
    : `  # The virtual IP. It moves to another server when one fails, so no machine may have it, and the router must not give\n  # it out.\n  address: ${scalar(virtualIp)}`
}
  names: [] # further names for it, for the certificate, such as k3s.home.arpa

# An upgrade is an edit of this line. Releases: https://github.com/k3s-io/k3s/releases
k3s:
  version: ${scalar(k3sVersion)}
  # Kubernetes Secrets are encrypted before they reach the database. A running cluster cannot change this.
  config: { secrets-encryption: true }

${renderNetwork(hosts)}${renderStorage(hosts)}${renderPools(cluster)}
`;
}

function renderHost({ name, address, roles }: NewHost): string {
  const data = roles.filter((role) => role === 'database' || role === 'nfs');
  if (data.length === 0)
    return `  - { name: ${scalar(name)}, address: ${scalar(address)}, roles: [${roles.join(', ')}] }`;
  const what = data.map((role) =>
    role === 'nfs' ? 'the files of the pods' : 'Postgres, which keeps the state of k3s',
  );
  const sentence = what.join(', and ');
  return `  # ${sentence[0]?.toUpperCase()}${sentence.slice(1)}. This belongs on an SSD, not on an SD card.
  - name: ${scalar(name)}
    address: ${scalar(address)}
    roles: [${roles.join(', ')}]
    # \`ls -l /dev/disk/by-id\` on the host shows the names. Only a disk without any data on it is ever formatted.
    # disks:
    #   - { device: /dev/disk/by-id/ata-SSD1, mount: /srv, format: if-blank }`;
}

/** k3s's own networks are IPv4. */
function renderNetwork(hosts: readonly NewHost[]): string {
  if (hosts.some(({ address }) => familyOf(address) !== 6)) return '';
  return `# Networks that exist only inside the cluster. They cannot change later, and must not be in use around it.
network:
  pods: ["fd00:42::/56"]
  services: ["fd00:43::/112"]

`;
}

/** The provisioner that is still maintained; files without this line are of clusters that have the other one. */
function renderStorage(hosts: readonly NewHost[]): string {
  if (!hosts.some(({ roles }) => roles.includes('nfs'))) return '';
  return `# Volumes for pods, by csi-driver-nfs. A running cluster cannot change this easily.
nfs:
  provisioner: csi

`;
}

function renderPools({ pools, proposedPool }: NewCluster): string {
  const comment = `# Addresses of your LAN for services of type LoadBalancer, outside of the range that the router gives out. Without
# this block they get the addresses of the nodes.`;
  const block = (ranges: readonly string[]) =>
    `metallb:\n  pools:\n    - { name: lan, addresses: [${ranges.map(scalar).join(', ')}] }`;
  if (pools.length > 0) return `${comment}\n${block(pools)}`;
  if (proposedPool === undefined) return `${comment}\n# metallb:`;
  return `${comment}
# None of the hosts above is in this range, but only you know whether it is free:
${block([proposedPool]).replace(/^/gm, '# ')}`;
}

const words = /^(true|false|yes|no|on|off|null|y|n)$/i;

/** A text as YAML, quoted only when it has to be. */
function scalar(text: string): string {
  const plain = /^([A-Za-z~][\w./+~-]*|\d+\.\d+\.\d+\.\d+(-\d+\.\d+\.\d+\.\d+|\/\d+)?)$/.test(text);
  return plain && !words.test(text) && text !== '~' ? text : JSON.stringify(text);
}
