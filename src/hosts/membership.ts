import { createHash } from 'node:crypto';
import { type RemoteExecProvisioner, type SSHProvisionerConnection, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { agentKeyOf } from '../model/ssh';
import type { Host, Topology } from '../model/topology';
import { connection } from './connection';
import leave from './leave.sh';
import { PlainResources, TerraformData } from './plain-resources';
import { fromStack } from './project-folder';
import { homeScriptPath, sudo } from './step-commands';
import { escapeTemplate } from './template-literal';

/** A dead host must not hold up the others for long. */
const timeout = '30s';

/**
 * How many servers are asked to remove a node from the cluster: the first one may be leaving, too. Nodes are spread over
 * all servers.
 */
const removers = 2;

/** As Terraform names it. */
export const membershipResource = 'terraform_data.membership';

/** What Terraform needs to reach a host, under Terraform's names. The key itself is read when it connects. */
const connectionKeys = {
  host: 'host',
  port: 'port',
  user: 'user',
  hostKey: 'host_key',
  bastionHost: 'bastion_host',
  bastionPort: 'bastion_port',
  bastionUser: 'bastion_user',
  bastionHostKey: 'bastion_host_key',
} as const;

/**
 * Which hosts belong to the cluster. Nothing happens when a host is added. When it is removed from
 * cluster.yaml, or everything is destroyed, a server drains and deletes its node; then all uninstallers that
 * steps left on the host are run. Data of the database and of NFS stays. Created before anything else, so
 * that a partially set up host can leave, too; and hosts leave before anything else is done: the machine may
 * be another host now, and a single server elects no leader.
 *
 * Always terraform_data, whose input changes in place: another address or key of a host is no reason to remove it.
 * Destroy provisioners can refer to nothing but this input.
 */
export class Membership extends Construct {
  /** What depends on it waits until departing hosts have left. As Terraform names it. */
  readonly address = 'terraform_data.departures';

  constructor(scope: Construct, id: string, topology: Topology) {
    super(scope, id);
    const members = topology.hosts.map((host) => [host.name, member(host, topology.servers)]);
    const resource = new TerraformData(this, 'Resource', {
      // A literal would be evaluated again for each of its instances: hosts times hosts.
      attributes: { for_each: '${local.members}', input: '${each.value}' },
      provisioners: [
        ...Array.from({ length: removers }, (_, index) =>
          whenDestroyed(`self.input.removers[${index}]`, removeNode),
        ),
        whenDestroyed('self.input.host', uninstall),
      ],
    });
    resource.overrideLogicalId('membership');
    TerraformStack.of(this).addOverride('locals.members', Object.fromEntries(members));
    // One in between: an edge from each first step to each member takes Terraform a while.
    const departures = new TerraformData(this, 'Departures', { attributes: {} });
    departures.overrideLogicalId('departures');
    departures.dependsOn = [membershipResource];
    for (const each of [resource, departures]) PlainResources.of(this).add(each);
  }
}

function member(host: Host, servers: readonly Host[]) {
  const others = servers.filter((server) => server !== host);
  // By the name, which does not change when others come and go.
  const first = createHash('sha256').update(host.name).digest().readUInt32BE() % Math.max(1, others.length);
  const remover = (index: number) => others[(first + index) % others.length] ?? host;
  return {
    name: host.name,
    node: host.kind !== 'none',
    host: endpoint(host),
    removers: Array.from({ length: removers }, (_, index) => endpoint(remover(index))),
  };
}

/** Only what is set: `try` and `can` in the provisioners know the rest. */
function endpoint(host: Host): Record<string, string | number> {
  const settings: Partial<Record<string, string | number>> = { ...connection(host) };
  const { privateKey, bastion } = host.ssh;
  const agentKey = agentKeyOf(host.ssh);
  const values: [string, string | number | undefined][] = [
    ...Object.entries(connectionKeys).map(([key, name]): [string, string | number | undefined] => [
      name,
      settings[key],
    ]),
    ['private_key', privateKey && escapeTemplate(fromStack(privateKey))],
    ['agent_key', agentKey && escapeTemplate(fromStack(agentKey))],
    ['bastion_private_key', bastion?.privateKey && escapeTemplate(fromStack(bastion.privateKey))],
  ];
  return Object.fromEntries(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Terraform has these settings for every provisioner; cdktf's types know them for local-exec only. */
interface DestroyProvisioner extends RemoteExecProvisioner {
  readonly when: 'destroy';
  readonly onFailure: 'continue';
}

/** Runs commands on a host that may be dead, which is no reason to fail. */
function whenDestroyed(self: string, inline: string[]): DestroyProvisioner {
  return {
    type: 'remote-exec',
    when: 'destroy',
    onFailure: 'continue',
    inline,
    connection: selfConnection(self),
  };
}

function selfConnection(self: string): SSHProvisionerConnection {
  const value = (name: string) => `\${try(${self}.${name}, null)}`;
  const key = (name: string) => `\${can(${self}.${name}) ? file(pathexpand(${self}.${name})) : null}`;
  return {
    type: 'ssh',
    timeout,
    scriptPath: homeScriptPath,
    agent: `\${!can(${self}.private_key) || can(${self}.agent_key)}`,
    agentIdentity: `\${can(${self}.agent_key) ? pathexpand(${self}.agent_key) : null}`,
    privateKey: key('private_key'),
    bastionPrivateKey: key('bastion_private_key'),
    ...Object.fromEntries(Object.entries(connectionKeys).map(([property, name]) => [property, value(name)])),
  } as SSHProvisionerConnection;
}

// When this has ended, Terraform writes an empty file of that name. Nothing newer can have the same name.
const forgetThis = `trap '$sudo systemd-run --quiet --collect --on-active=10 rm -f "$PWD/$0" || true' EXIT`;

const removeNode = [
  'set -eu',
  sudo,
  forgetThis,
  'script=/usr/local/lib/k3s-cdk/remove-node',
  'if [ "${self.input.node}" = true ] && [ -x $script ]; then $sudo $script "${self.input.name}"; fi',
];

const uninstall = [sudo, forgetThis, 'host=${self.input.name}', escapeTemplate(leave.text)];
