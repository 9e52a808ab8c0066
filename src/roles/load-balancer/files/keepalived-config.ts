import type { Host, LoadBalancer } from '../../../model/topology';
import { familyOf } from '../../../net/address';

/** Stands for the network interface, which only the host knows. */
export const interfacePlaceholder = '@INTERFACE@';

/** In the folder whose SELinux label lets keepalived run a script that connects somewhere. */
export const checkScript = '/usr/libexec/keepalived/k3s-api-check';

/**
 * Seconds between adverts. The virtual IP moves after three missed ones and at most one more: 0.75 to 1 s after a
 * power loss. The highest priority, and the unit's share of the processor, keep the adverts of a busy board
 * on time. Not real-time priority: with it keepalived 2.3.3 dies at 2 to 8 of 25 reloads, by a limit that it
 * then sets wrong.
 */
const advertInterval = 0.25;

/**
 * Stands for the seconds between checks, 0.4 where keepalived knows fractions (since 2.3) and 1 elsewhere. The check
 * tries again by itself, so one that failed counts: a load balancer that is gone for good loses the virtual IP after
 * at most 1.3 s, or 2 s with an old keepalived. One that crashed is back sooner than that.
 */
export const intervalPlaceholder = '@CHECK_INTERVAL@';

/**
 * Seconds between requests to the API through the load balancer. One that does not reach it, because of a
 * manual change, loses the virtual IP after two of them. Each takes a program and a handshake, so this runs
 * less often than the other check.
 */
const pathInterval = 5;

/** First server; the others follow, one less each. */
const topPriority = 200;

/** Puts a load balancer without a healthy server behind every one that has one, for up to 100 servers. */
const failedCheckWeight = -100;

/**
 * keepalived of one server. A failed check lowers the priority instead of giving up the address: when no server is
 * healthy anywhere (the database restarts), the virtual IP stays where it is and works again at once.
 */
export function keepalivedConfig(loadBalancer: LoadBalancer, servers: readonly Host[], host: Host): string {
  const { virtualIp, virtualRouterId } = loadBalancer;
  const family = familyOf(virtualIp);
  const own = addressOf(host, family);
  const peers = servers.filter((server) => server !== host).map((server) => addressOf(server, family));
  return `# Written by k3s-cdk; changes here are lost.
global_defs {
    router_id ${host.name}
    enable_script_security
    script_user keepalived_script
    vrrp_version 3
    vrrp_priority -20
    vrrp_no_swap
}

vrrp_script api {
    script "${checkScript}"
    interval ${intervalPlaceholder}
    timeout 2
    fall 1
    rise 2
    weight ${failedCheckWeight}
    init_fail
}

vrrp_script path {
    script "${checkScript} path"
    interval ${pathInterval}
    timeout 4
    fall 2
    rise 1
    weight ${failedCheckWeight}
}

vrrp_instance api {
    state BACKUP
    interface ${interfacePlaceholder}
    virtual_router_id ${virtualRouterId}
    priority ${topPriority - servers.indexOf(host)}
    advert_int ${advertInterval}
${peers.length === 0 ? '' : unicast(own, peers)}    garp_master_refresh 30
    virtual_ipaddress {
        ${virtualIp}/${family === 6 ? 128 : 32} dev ${interfacePlaceholder}
    }
    track_script {
        api
        path
    }
}
`;
}

/** To the other servers instead of everybody: works where a switch drops multicast, and believes nobody else. */
function unicast(own: string, peers: readonly string[]): string {
  return `    unicast_src_ip ${own}
    check_unicast_src
    unicast_peer {
${peers.map((peer) => `        ${peer}\n`).join('')}    }
`;
}

/** The address of a server in the family of the virtual IP; peers of another family cannot be talked to. */
function addressOf({ nodeIps }: Host, family: 4 | 6 | undefined): string {
  return nodeIps.find((ip) => familyOf(ip) === family) ?? nodeIps[0] ?? '';
}
