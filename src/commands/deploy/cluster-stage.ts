import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterAccess, standaloneKubeconfig } from '../../kubeconfig/cluster-access';
import { fetchAccess } from '../../kubeconfig/fetch';
import { type AppliedObject, appliedObjects } from '../../kubectl/applied-objects';
import { failureOf, Kubectl, KubectlError } from '../../kubectl/kubectl';
import { prunedObjects, pruning } from '../../kubectl/manifest-set';
import type { ObjectName } from '../../kubectl/objects';
import { silentWebhooks } from '../../kubectl/silent-webhooks';
import { urlHost } from '../../net/address';
import { SshClient } from '../../ssh/client';
import { openTunnel } from '../../ssh/tunnel';
import { UserError } from '../../user-error';
import { exitCodes } from '../exit-codes';
import { DeployError } from './deploy-error';
import type { Deployment } from './deployment';

/** haproxy and keepalived have it within seconds; a server that has just restarted takes longer on a Pi. */
const apiTimeoutMs = 120_000;
const pauseMs = 2000;

/** A pod that moves to another node starts there within a minute on a Pi. */
const webhookTimeoutMs = 300_000;

/** What answers at its address has a certificate from the cluster's own CA, or it is another cluster. */
const foreignCertificate =
  /x509: certificate signed by unknown authority|x509: certificate is (valid for|not valid)/;

/** The cluster output, applied to the cluster that runs on the hosts and to no other. */
export class ClusterStage {
  private readonly kubectl: Kubectl;

  private constructor(
    private readonly deployment: Deployment,
    readonly access: ClusterAccess,
    /** Everything in `dist`. */
    readonly objects: readonly ObjectName[],
    kubeconfig: string,
    private readonly close: () => void,
  ) {
    const { environment, interruption, log } = deployment;
    this.kubectl = new Kubectl({ kubeconfig, environment, interruption, log: (line) => log.add(line) });
  }

  /**
   * Fetches the credentials from a server, whose host key is verified, so that kubectl can reach this cluster only.
   *
   * @throws DeployError when no server has them
   */
  static async open(deployment: Deployment, objects: readonly ObjectName[]): Promise<ClusterStage> {
    const { topology, folder, scratch, log } = deployment;
    const ssh = new SshClient({ folder });
    const { access, passedOver } = await fetchAccess(topology, ssh)
      .catch((error) => {
        if (!(error instanceof UserError)) throw error;
        const reasons = error.message.split('\n').map((reason) => `error: ${reason}`);
        throw new DeployError([...reasons, 'no server has given its kubeconfig']);
      })
      .finally(() => ssh.close());
    for (const reason of passedOver) log.add(`kubeconfig: ${reason}`);
    const route = await routeToApi(deployment, access);
    const secret = mkdtempSync(join(scratch, 'kubeconfig-'));
    const kubeconfig = join(secret, 'config');
    writeFileSync(kubeconfig, standaloneKubeconfig(route.access), { mode: 0o600 });
    return new ClusterStage(deployment, access, objects, kubeconfig, () => {
      route.close();
      rmSync(secret, { recursive: true, force: true });
    });
  }

  /** Always to be called: a copy of the credentials goes with it. */
  end(): void {
    this.close();
  }

  /** kubectl for questions about this cluster. */
  get client(): Kubectl {
    return this.kubectl;
  }

  /** Waits until the API answers. @throws DeployError when it does not, or when another cluster does */
  async reach(timeoutMs = apiTimeoutMs): Promise<void> {
    const { clock, interruption } = this.deployment;
    const until = clock() + timeoutMs;
    for (;;) {
      const { end, stderr } = await this.kubectl.try('get', '--raw', '/readyz', '--request-timeout=5s');
      if (end === 0) return;
      if (foreignCertificate.test(stderr))
        throw new DeployError([
          `error: what answers at ${this.access.server} is another cluster, or something else: its certificate is not of this cluster's authority; nothing was applied to it`,
          `  does another machine have the address? See with 'arping' or in the router, or set another 'api.address' in cluster.yaml`,
        ]);
      if (clock() > until || interruption.requested)
        throw new DeployError(
          [`error: the API at ${this.access.server} ${apiFailure(stderr)}: ${lastLine(stderr)}`],
          exitCodes.failed,
          this.deployment.topology.hosts.map(({ name }) => name),
        );
      await interruption.pause(pauseMs);
    }
  }

  /** What an apply is going to delete. @throws DeployError */
  async pruned(): Promise<ObjectName[]> {
    return explained(() => prunedObjects(this.kubectl, this.deployment.topology.name, this.objects));
  }

  /** What an apply would change, according to the API itself, and the API's objections. */
  async changes(): Promise<{ changes: readonly AppliedObject[]; problems: readonly string[] }> {
    if (this.objects.length === 0) return { changes: [], problems: [] };
    const { end, stdout, stderr } = await this.kubectl.try(...this.applyArguments(), '--dry-run=server');
    const errors = stderr
      .split('\n')
      .filter((line) => /^(error:|Error from server)|^for: |denied|failed/.test(line));
    // Objects in a namespace that does not exist yet cannot be tried.
    const untried = errors.filter((line) => /namespaces "[^"]*" not found/.test(line));
    const created = untried.map(
      (line) => ({ object: /: (\S+ "[^"]+")/.exec(line)?.[1] ?? 'an object', change: 'created' }) as const,
    );
    const problems = end === 0 ? [] : errors.filter((line) => !untried.includes(line));
    return { changes: [...appliedObjects(stdout), ...created], problems };
  }

  /**
   * `kubectl apply` of `dist`, with pruning. Waits for webhooks whose pods are moving to another node,
   * because a host has just left or k3s restarted.
   *
   * @param pruned what that is going to delete
   * @throws DeployError
   */
  async apply(pruned: readonly ObjectName[]): Promise<AppliedObject[]> {
    return explained(async () => {
      if (this.objects.length > 0) return this.applyWithWebhooks();
      // kubectl refuses to apply nothing, so it would not prune either.
      const applied: AppliedObject[] = [];
      for (const { kind, namespace, name } of pruned) {
        const inNamespace = namespace === undefined ? [] : ['--namespace', namespace];
        await this.kubectl.run('delete', kind, name, ...inNamespace, '--ignore-not-found');
        applied.push({ object: `${kind.toLowerCase()}/${name}`, change: 'pruned' });
      }
      return applied;
    });
  }

  /** @throws KubectlError */
  private async applyWithWebhooks(): Promise<AppliedObject[]> {
    const { clock, interruption, view } = this.deployment;
    const until = clock() + webhookTimeoutMs;
    const args = this.applyArguments();
    const applied: AppliedObject[] = [];
    for (let attempt = 0; ; attempt += 1) {
      const result = await this.kubectl.try(...args);
      applied.push(...appliedObjects(result.stdout));
      for (const refused of refusedPods(result.stderr)) view.note(refused);
      if (result.end === 0) return applied;
      const webhooks = silentWebhooks(result.stderr);
      if (webhooks.length === 0 || clock() > until || interruption.requested) throw failureOf(result, args);
      if (attempt === 0) view.note(`waiting for ${webhooks.join(', ')}`);
      await interruption.pause(pauseMs);
    }
  }

  private applyArguments(): string[] {
    const { folder, topology } = this.deployment;
    return ['apply', '-f', join(folder, 'dist'), ...pruning(topology.name)];
  }
}

/** Straight, or through the bastion that the first server is behind. */
async function routeToApi(
  { topology, folder }: Deployment,
  access: ClusterAccess,
): Promise<{ access: ClusterAccess; close: () => void }> {
  const bastion = topology.servers[0]?.ssh.bastion;
  if (!bastion) return { access, close: () => {} };
  const { address, port } = topology.api;
  let close = () => {};
  try {
    const tunnel = await openTunnel({ bastion, folder });
    close = tunnel.close;
    const { port: here } = await tunnel.open({ address, port });
    return { access: { ...access, server: `https://127.0.0.1:${here}`, serverName: address }, close };
  } catch (error) {
    close();
    if (!(error instanceof UserError)) throw error;
    throw new DeployError([
      `error: bastion ${bastion.address} does not let us through to ${urlHost(address)}:${port}: ${error.message}`,
    ]);
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    throw new DeployError(
      error.message.split('\n').map((line) => `error: kubectl: ${line.replace(/^error: /i, '')}`),
    );
  }
}

/** What the API server says of pods that their namespace is not going to let start, for which it takes the object. */
function refusedPods(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.includes('would violate PodSecurity'));
  return [...new Set(lines)].map((line) => line.replace(/^Warning: /, 'warning: a pod '));
}

/** By kubectl's words for what the server said; all others are about the way to it. */
function apiFailure(stderr: string): string {
  if (/Unauthorized|Forbidden/i.test(stderr)) return 'rejects the credentials that a server has just given';
  return /Error from server|currently unable to handle/.test(stderr)
    ? 'answers, but is not ready'
    : 'does not answer';
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
