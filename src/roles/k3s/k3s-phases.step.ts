import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import type { RemoteStep } from '../../hosts/remote-step';
import { chartFolder } from '../../model/artifacts';
import type { Host, Topology } from '../../model/topology';
import type { HostsContext } from '../hosts-context';
import { LoadBalancer, loadBalancerFiles } from '../load-balancer/load-balancer.step';
import type { Machine } from '../machine';
import { guardSettings } from '../settings-guard';
import { K3sAgent } from './k3s-agent.step';
import { K3sBinary } from './k3s-binary.step';
import { K3sCharts } from './k3s-charts.step';
import { K3sDefinitions } from './k3s-definitions.step';
import { agentFiles, serverFiles } from './k3s-node';
import { K3sNodes } from './k3s-nodes.step';
import { K3sServer, type K3sServerProps } from './k3s-server.step';
import { guardK3sVersion } from './k3s-version-guard';
import { ReplacedNodes } from './replaced-nodes.step';

export interface K3sPhasesProps {
  readonly topology: Topology;
  readonly context: HostsContext;
  readonly machines: ReadonlyMap<Host, Machine>;
  /** What must run before a server starts. */
  readonly databases: readonly RemoteStep[];
}

/**
 * k3s on all nodes. Binaries are installed on all of them at once. Servers start and restart one at a time, each with
 * its load balancer in parallel, then all agents: those that run pods take turns (lib-turns.sh), which holds up no
 * agent that joins, and none for one that is off.
 */
export class K3sPhases extends Construct {
  constructor(scope: Construct, id: string, props: K3sPhasesProps) {
    super(scope, id);
    const { topology, context, machines, databases } = props;
    const { servers, agents, nodes, api } = topology;

    const binary = new Map(
      nodes.map((host) => [
        host,
        new K3sBinary(this, `${host.name}-binary`, {
          host,
          topology,
          dependsOn: machines.get(host)?.base ?? [],
        }).step,
      ]),
    );
    const chartArchives = this.charts(props);
    const ready = new Map<Host, RemoteStep>();
    const before = <T>(...steps: (T | undefined)[]) => steps.filter((step) => step !== undefined);

    const filesOfServers = serverFiles(topology, context);
    servers.forEach((host, index) => {
      const previous = servers[index - 1];
      const dependsOn = before<K3sServerProps['dependsOn'][number]>(
        // A release that one of them cannot get must not stop a rollout half-way.
        ...(index === 0 ? servers : [host]).map((each) => binary.get(each)),
        chartArchives.get(host),
        machines.get(host)?.firewall,
        previous ? ready.get(previous) : undefined,
        ...databases,
      );
      ready.set(
        host,
        new K3sServer(this, `${host.name}-server`, { host, topology, files: filesOfServers, dependsOn }).step,
      );
    });
    const lastServer = before(...servers.slice(-1).map((host) => ready.get(host)));

    const { loadBalancer } = api;
    const balanced: RemoteStep[] = [];
    if (loadBalancer) {
      const files = loadBalancerFiles(loadBalancer, servers);
      for (const host of servers) {
        const dependsOn = before(ready.get(host), balanced.at(-1));
        balanced.push(
          new LoadBalancer(this, `${host.name}-load-balancer`, {
            host,
            topology,
            loadBalancer,
            files,
            dependsOn,
          }).step,
        );
      }
    }

    // The last of each has waited for all others: a single edge from each agent.
    const answering = balanced.length > 0 ? balanced.slice(-1) : lastServer;
    const filesOfAgents = agentFiles(topology);
    const [server] = servers;
    const nodesReplaced =
      server && agents.length > 0
        ? [new ReplacedNodes(this, 'replaced-nodes', { topology, server, dependsOn: lastServer }).step]
        : [];
    for (const host of agents) {
      const dependsOn = before(
        binary.get(host),
        machines.get(host)?.firewall,
        ...answering,
        ...nodesReplaced,
      );
      ready.set(
        host,
        new K3sAgent(this, `${host.name}-agent`, { host, topology, files: filesOfAgents, dependsOn }).step,
      );
    }

    const stack = TerraformStack.of(this);
    guardK3sVersion(
      stack,
      topology,
      nodes.flatMap((host) => ready.get(host) ?? []),
    );
    guardSettings(stack, topology, before(...servers.slice(0, 1).map((host) => ready.get(host))));
    if (server) {
      new K3sDefinitions(this, 'definitions', { topology, context, server, dependsOn: lastServer });
      const started = agents.map((host) => ready.get(host));
      new K3sNodes(this, 'nodes', { topology, server, dependsOn: before(...lastServer, ...started) });
    }
  }

  /** Air gap: what the servers serve instead of the chart repositories. */
  private charts({ topology, machines }: K3sPhasesProps): Map<Host, RemoteStep> {
    const { servers, provisioner } = topology;
    const charts = chartFolder(topology);
    if (!charts) return new Map();
    return new Map(
      servers.map((host) => {
        const dependsOn = machines.get(host)?.base ?? [];
        return [
          host,
          new K3sCharts(this, `${host.name}-charts`, { host, provisioner, charts, dependsOn }).step,
        ];
      }),
    );
  }
}
