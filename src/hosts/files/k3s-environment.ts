import type { Proxy as ProxySettings } from '../../model/topology';

/** Environment of k3s's unit: k3s and its containerd pull through the proxy. */
export function k3sEnvironment({ http, https, exceptions }: ProxySettings): string {
  const lines = [
    ...(http === undefined ? [] : [`HTTP_PROXY=${http}`]),
    `HTTPS_PROXY=${https}`,
    `NO_PROXY=${exceptions.join(',')}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}
