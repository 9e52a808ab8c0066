import { join } from 'node:path';
import { type HostKey, KnownHosts } from '../../model/known-hosts';
import { firstBootFiles } from '../../model/secrets';
import type { Host, Topology } from '../../model/topology';
import { addressIn, contains, familyOf, parseRange } from '../../net/address';
import { authorizedKeys } from '../../ssh/authorized-keys';
import { KnownHostsFile } from '../../ssh/known-hosts-file';
import type { PrivateFiles } from '../private-files';
import type { SecretsReport } from '../report';
import { newHostKey, publicHalf } from './host-key';
import { type FirstBootNetwork, networkConfig } from './network-config';
import { metaData, userData } from './user-data';

export interface FirstBootOptions {
  /** Folder of cluster.yaml. */
  readonly folder: string;
  /** Router of the hosts. @default - the first address of their subnet */
  readonly gateway?: string;
  /** @default - the router */
  readonly nameservers: readonly string[];
  readonly timeZone: string;
}

export interface FirstBootResult {
  /** Hosts that have files now. */
  readonly written: readonly string[];
  /** Hosts with a known key that was not made here: they have booted before. */
  readonly known: readonly string[];
  /** What was taken for granted, for people, a sentence each. */
  readonly assumed: readonly string[];
}

/**
 * Writes cloud-init's files for machines that have not run yet, with host keys that known_hosts has at once, so that
 * no key is ever trusted because it was the first. A host that has a key here keeps it.
 */
export async function ensureFirstBoot(
  topology: Topology,
  options: FirstBootOptions,
  files: PrivateFiles,
  report: SecretsReport,
): Promise<FirstBootResult> {
  const knownHosts = new KnownHostsFile(options.folder);
  const known = new KnownHosts(knownHosts.read());
  const gateway = options.gateway ?? addressIn(topology.network.nodes[0] ?? '', 1);
  const [written, before]: [string[], string[]] = [[], []];
  const added: { address: string; port: number; keys: HostKey[] }[] = [];
  for (const host of topology.hosts) {
    const { address, ssh, name } = host;
    const keys = known.keys(address, ssh.port);
    if (keys.length > 0 && files.read(firstBootFiles(name).hostKey) === undefined) {
      before.push(name);
      continue;
    }
    const made = await makeFiles(host, topology, keys, { ...options, gateway }, files, report);
    if (typeof made === 'string') {
      report.found('error', made);
      continue;
    }
    if (keys.length === 0) added.push({ address, port: ssh.port, keys: [made] });
    written.push(name);
  }
  knownHosts.append(added);
  return { written, known: before, assumed: assumptions(options, gateway) };
}

function assumptions({ gateway, nameservers, timeZone }: FirstBootOptions, router: string): string[] {
  return [
    ...(gateway === undefined ? [`the router is ${router}: another with --gateway`] : []),
    ...(nameservers.length === 0 ? ['the router answers DNS: another server with --nameserver'] : []),
    `the time zone is ${timeZone}, as here`,
  ];
}

/** The public half of the host's key, or why there are no files for it. */
async function makeFiles(
  host: Host,
  topology: Topology,
  known: readonly HostKey[],
  options: FirstBootOptions & { readonly gateway: string },
  files: PrivateFiles,
  report: SecretsReport,
): Promise<HostKey | string> {
  const { name, ssh } = host;
  const { folder, hostKey, user, network, meta } = firstBootFiles(name);
  const problem = unsuitable(host, topology, options.gateway);
  if (problem !== undefined) return problem;
  const authorized = await authorizedKeys(ssh, options.folder);
  if (authorized.length === 0)
    return `there is no public key for '${name}': ${ssh.privateKey === undefined ? 'add the key to the SSH agent' : `put '${ssh.privateKey}.pub' beside the private key`}`;
  const own = files.read(hostKey);
  const privateKey = own ?? (await newHostKey(name, join(options.folder, folder)));
  const key = publicHalf(privateKey);
  if (!key) return `'${hostKey}' is no key that OpenSSH made: delete it, and init makes a new one`;
  if (known.length > 0 && !known.some((each) => each.key === key.key))
    return `known_hosts has another key for '${name}' than '${hostKey}': delete the file if the machine was installed in another way, or take its line out of known_hosts`;
  const machine = { cluster: topology.name, host: name, user: ssh.user, timeZone: options.timeZone };
  const write = (path: string, content: string) => {
    const before = files.read(path);
    if (before === content) return;
    if (before === undefined) files.create(path, content);
    else files.replace(path, content);
    report.changed(before === undefined ? 'created' : 'replaced', path);
  };
  write(hostKey, privateKey);
  write(`${folder}/${user}`, userData({ ...machine, authorizedKeys: authorized, hostKey: privateKey }));
  write(`${folder}/${network}`, networkConfig(networkOf(host, topology, options)));
  write(`${folder}/${meta}`, metaData(machine));
  return key;
}

/** Why a machine cannot get its address or be reached by these files. */
function unsuitable(host: Host, topology: Topology, gateway: string): string | undefined {
  const { name, ssh } = host;
  if (ssh.port !== 22)
    return `'${name}' is to be reached on port ${ssh.port}, and a new system listens on 22: set 'ssh.port' after its first boot`;
  const lost = addressesOf(host).find((address) => subnetOf(address, topology) === undefined);
  if (lost !== undefined)
    return `'${name}' has the address ${lost}, which is in no subnet of 'network.nodes': add its subnet there`;
  const taken = topology.hosts.some(({ nodeIps }) => nodeIps.includes(gateway));
  if (taken || gateway === topology.api.loadBalancer?.virtualIp)
    return `${gateway} is an address of the cluster, and no router: name the router with '--gateway ADDRESS'`;
  return subnetOf(gateway, topology) === undefined
    ? `the router ${gateway} is in no subnet of the hosts (${topology.network.nodes.join(', ')}): name another with '--gateway ADDRESS'`
    : undefined;
}

function networkOf(
  host: Host,
  topology: Topology,
  { gateway, nameservers }: FirstBootOptions & { readonly gateway: string },
): FirstBootNetwork {
  return {
    addresses: addressesOf(host).map((address) => ({ address, subnet: subnetOf(address, topology) ?? '' })),
    gateway,
    nameservers: nameservers.length > 0 ? nameservers : [gateway],
  };
}

/** Where it is reached by SSH, unless that is a name, and where nodes reach each other. */
function addressesOf({ address, nodeIps }: Host): string[] {
  return [...new Set([...(familyOf(address) === undefined ? [] : [address]), ...nodeIps])];
}

function subnetOf(address: string, { network }: Topology): string | undefined {
  const inner = familyOf(address) === undefined ? undefined : parseRange(address);
  return network.nodes.find((subnet) => {
    const outer = parseRange(subnet);
    return inner !== undefined && outer !== undefined && contains(outer, inner);
  });
}
