import type { RemoteStepProps, StepUpload } from '../../hosts/remote-step';
import type { Script } from '../../model/script';
import type { Host, Topology } from '../../model/topology';
import { nodeSecretPath, nodeSecretsFile, registriesName } from '../../model/user-secrets';
import { urlHost } from '../../net/address';
import type { HostsContext } from '../hosts-context';
import { stepScripts } from '../lib/step-scripts';
import { saltedTrigger } from '../salted-trigger';
import { admissionConfig } from './files/admission-config';
import { auditPolicy } from './files/audit-policy';
import { authenticationConfig } from './files/authentication-config';
import { kubeletShutdown, logindDelay } from './files/graceful-shutdown';
import { k3sConfig, registrationConfig } from './files/k3s-config';
import { k3sEnvironment } from './files/k3s-environment';
import { k3sUnit } from './files/k3s-unit';
import { turnsManifest } from './files/turns-manifest';
import run from './k3s.sh';
import removeNode from './k3s-remove-node.sh';
import uninstall from './k3s-uninstall.sh';
import { versionGuardEnv } from './k3s-version-guard';
import { leaderElection } from './leader-election';
import { nodeConfig } from './node-config';

/** What is the same on all servers: created once for all of them. */
export function serverFiles(topology: Topology, { crds }: HostsContext) {
  return {
    ...nodeFiles(topology, 'server', { 'remove-node.sh': removeNode }),
    'authentication.yaml': authenticationConfig(topology.k3s.version),
    ...(topology.k3s.hardening && { 'admission.yaml': admissionConfig, 'audit-policy.yaml': auditPolicy }),
    'crds.yaml': crds,
    'turns.yaml': turnsManifest,
  };
}

/** What is the same on all agents: created once, so that a thousand steps share it. */
export function agentFiles(topology: Topology) {
  return nodeFiles(topology, 'agent', {});
}

function nodeFiles(
  topology: Topology,
  command: 'server' | 'agent',
  scripts: Readonly<Record<string, Script>>,
) {
  const { api, k3s, proxy } = topology;
  const environment = k3sEnvironment(proxy, command === 'server' ? leaderElection(topology).environment : {});
  return {
    ...stepScripts({ ...scripts, 'uninstall-k3s.sh': uninstall, 'run.sh': run }),
    'kubelet.conf': kubeletShutdown,
    'logind.conf': logindDelay,
    'k3s.service': k3sUnit(command, command === 'server' && api.loadBalancer !== undefined),
    ...(k3s.registries && { 'registries.yaml': `${JSON.stringify(k3s.registries, null, 2)}\n` }),
    ...(environment !== undefined && { 'k3s.env': environment }),
  };
}

/**
 * What differs between nodes.
 *
 * @param secrets that the tool generates for its step
 */
export function nodeParameters(
  topology: Topology,
  host: Host,
  command: 'server' | 'agent',
  secrets: Omit<StepUpload, 'remedy'> & Pick<RemoteStepProps, 'env' | 'triggers'>,
): Pick<RemoteStepProps, 'env' | 'hostFiles' | 'lateEnv' | 'triggers' | 'upload'> {
  const config = nodeConfig(topology, host);
  const { folder, hashed, needed = [] } = secrets;
  const ofUser = host.secretFiles;
  return {
    upload: {
      ...{ folder, hashed, needed: [...needed, ...ofUser.map(nodeSecretPath)] },
      remedy: "run 'k3s-cdk init'",
    },
    env: {
      COMMAND: command,
      VERSION: topology.k3s.version,
      NODE_IP: host.nodeIps[0] ?? '',
      LOAD_BALANCER: command === 'server' && topology.api.loadBalancer !== undefined,
      NEEDS: needs(topology, command).join(' '),
      ...(topology.quorum.includes(host) && { QUORUM: true }),
      ...secrets.env,
      ...(ofUser.length > 0 && { SECRETS: ofUser.join(' ') }),
    },
    hostFiles: { 'config.yaml': k3sConfig(config), 'registration.yaml': registrationConfig(config) },
    // It affects how to upgrade, not to what: a second node must not make the first one's step run again.
    lateEnv: {
      ...versionGuardEnv,
      DRAIN: `${topology.nodes.length > 1}`,
      ...(command === 'agent' && {
        MAX_UNAVAILABLE: `${topology.k3s.maxUnavailable}`,
        APPLY: 'plantimestamp()',
      }),
    },
    triggers: { version: topology.k3s.version, ...userSecretTriggers(host, folder), ...secrets.triggers },
  };
}

/** `host:port` of what k3s cannot start without. */
function needs({ api, database }: Topology, command: 'server' | 'agent'): string[] {
  if (command === 'agent') return [`${urlHost(api.address)}:${api.port}`];
  return [...database.addresses];
}

/** Run the step again when a user's secret changes. */
function userSecretTriggers(host: Host, folder: string): Record<string, string> {
  return {
    registries: saltedTrigger(folder, registriesName),
    ...Object.fromEntries(
      host.secretFiles.map((name) => [nodeSecretsFile(name), saltedTrigger(folder, nodeSecretPath(name))]),
    ),
  };
}
