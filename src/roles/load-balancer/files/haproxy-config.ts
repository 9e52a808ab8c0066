import type { Host, LoadBalancer } from '../../../model/topology';
import { familyOf, urlHost } from '../../../net/address';

/** Where the CA certificate of the API servers is on a load balancer. */
export const apiCaFile = '/etc/haproxy/k3s-server-ca.crt';

/**
 * haproxy in front of all API servers, the same on every server. Understood by every haproxy since 1.8 (EL8), so
 * that one file fits all systems.
 *
 * - Checks ask `/readyz`, which fails with the datastore, over TLS verified against the cluster's own CA. A server may
 *   take 2 s to answer on a busy board. A dead one is found sooner: two failed connections of clients take it out
 *   (`observe layer4`), and each of them is sent on to another server, at once if it was refused.
 * - In turn, not to the server with the fewest connections: that is the one that has just died, and haproxy waits
 *   before it tries another one with every algorithm but the round ones (`back_handle_st_cer`).
 * - No chroot: the system's log socket is outside of it, and haproxy older than 1.9 cannot log elsewhere.
 */
export function haproxyConfig(loadBalancer: LoadBalancer, servers: readonly Host[]): string {
  const { port, backendPort, monitorPort, idleTimeout, virtualIp } = loadBalancer;
  const ipv6 =
    familyOf(virtualIp) === 6 || servers.some(({ nodeIps }) => nodeIps.some((ip) => familyOf(ip) === 6));
  return `# Written by k3s-cdk; changes here are lost.
global
    log /dev/log daemon notice
    user haproxy
    group haproxy
    maxconn 4000
    stats socket /run/haproxy/k3s-api.sock mode 600 level operator expose-fd listeners
    # How long a reload lets old connections finish.
    hard-stop-after ${idleTimeout}

defaults
    log global
    mode tcp
    option dontlognull
    option clitcpka
    option srvtcpka
    option redispatch 1
    retries 3
    timeout connect 500ms
    timeout check 2s
    # Watches, exec and logs are silent for long.
    timeout client ${idleTimeout}
    timeout server ${idleTimeout}

frontend api
    bind ${ipv6 ? `:::${port} v4v6` : `0.0.0.0:${port}`}
    default_backend servers

backend servers
    balance roundrobin
    option httpchk GET /readyz
    http-check expect status 200
    default-server check check-ssl verify required ca-file ${apiCaFile} verifyhost kubernetes check-sni kubernetes inter 2s fastinter 250ms downinter 500ms rise 2 fall 2 observe layer4 error-limit 2 on-error mark-down on-marked-down shutdown-sessions
${servers.map(({ name, nodeIps }) => `    server ${name} ${urlHost(nodeIps[0] ?? '')}:${backendPort}\n`).join('')}
# What keepalived asks: is there a server behind this load balancer?
frontend monitor
    bind 127.0.0.1:${monitorPort}
    mode http
    timeout client 2s
    monitor-uri /healthz
    monitor fail if { nbsrv(servers) lt 1 }
`;
}
