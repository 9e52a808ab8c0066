import type { ProxySettings } from '../../model/topology';

/** Environment of k3s's unit: k3s and its containerd pull through the proxy. */
export function k3sEnvironment(proxy: ProxySettings): string {
  return `HTTP_PROXY=${proxy.http}\nHTTPS_PROXY=${proxy.https}\nNO_PROXY=${proxy.except.join(',')}\n`;
}
