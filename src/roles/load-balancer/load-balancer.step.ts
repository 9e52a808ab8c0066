import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { proxyEnv } from '../../model/proxy-env';
import type { Host, LoadBalancer as LoadBalancerModel, Topology } from '../../model/topology';
import { familyOf } from '../../net/address';
import { packagesEnv } from '../lib/packages-env';
import { stepScripts } from '../lib/step-scripts';
import { haproxyConfig } from './files/haproxy-config';
import { keepalivedConfig } from './files/keepalived-config';
import { haproxyDropIn, keepalivedDropIn } from './files/load-balancer-drop-ins';
import { loadBalancerPackages } from './load-balancer';
import run from './load-balancer.sh';
import check from './load-balancer-check.sh';
import uninstall from './load-balancer-uninstall.sh';

export interface LoadBalancerProps {
  readonly host: Host;
  readonly topology: Topology;
  readonly loadBalancer: LoadBalancerModel;
  /** From `loadBalancerFiles`, the same object for all servers. */
  readonly files: ReturnType<typeof loadBalancerFiles>;
  /** k3s runs on this host: haproxy trusts its CA. */
  readonly dependsOn: readonly RemoteStep[];
}

/** What is the same on all load balancers. */
export function loadBalancerFiles(loadBalancer: LoadBalancerModel, servers: readonly Host[]) {
  return {
    ...stepScripts({ 'check.sh': check, 'uninstall-load-balancer.sh': uninstall, 'run.sh': run }),
    'haproxy.cfg': haproxyConfig(loadBalancer, servers),
    'haproxy.dropin': haproxyDropIn,
    'keepalived.dropin': keepalivedDropIn,
  };
}

/** haproxy and keepalived on one server: the API at the virtual IP. */
export class LoadBalancer extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const { host, topology, loadBalancer, files, dependsOn } = props;
    const { virtualIp, port, monitorPort } = loadBalancer;
    const nodeIp = host.nodeIps.find((ip) => familyOf(ip) === familyOf(virtualIp)) ?? host.nodeIps[0] ?? '';
    this.step = new RemoteStep(this, 'load-balancer', {
      host,
      provisioner: topology.provisioner,
      files,
      env: {
        NODE_IP: nodeIp,
        VIRTUAL_IP: virtualIp,
        PORT: port,
        MONITOR_PORT: monitorPort,
        ...packagesEnv(loadBalancerPackages),
        ...proxyEnv(topology.proxy),
      },
      hostFiles: { 'keepalived.conf': keepalivedConfig(loadBalancer, topology.servers, host) },
      dependsOn,
    });
  }
}
