import { databaseAddress, databaseServiceUser } from '../model/database';
import { etcdFolder } from '../model/database-cluster';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import database from '../roles/database/lib-database-user.sh';
import databaseProbe from '../roles/database/probe-database.sh';
import node from '../roles/k3s/lib-node.sh';
import datastore from '../roles/k3s/probe-datastore.sh';
import loadBalancer from '../roles/load-balancer/probe-load-balancer.sh';
import probe from './probe.sh';
import machine from './probe-machine.sh';
import records from './probe-records.sh';

/** Seconds that Postgres and the API have for an answer, however short the time is that the host has. */
const leastPatience = 10;

/** The last one calls the others. */
const parts = [node, database, machine, databaseProbe, datastore, loadBalancer, records, probe];

/**
 * The script that tells the state of a host, for a bash that reads its standard input as root.
 *
 * @param timeoutMs what all of it may take
 */
export function probeScript(topology: Topology, host: Host, timeoutMs: number): string {
  const isDatabase = host.roles.includes('database');
  const { nfs, api } = topology;
  const exportPath = nfs?.host === host ? nfs.path : '';
  const dataDir = isDatabase ? topology.database.dataDir : '';
  const inputs: Record<string, string> = {
    HOST: host.name,
    COMMAND: host.kind,
    // An API that hangs is asked twice, the second time half as long; what is known of the host still has to come through.
    PATIENCE: String(Math.max(leastPatience, Math.floor(timeoutMs / 3000))),
    UNITS: units(topology, host).join(' '),
    FOLDERS: ['/var/lib/rancher', dataDir, exportPath].filter((path) => path !== '').join(' '),
    VIRTUAL_IP: host.roles.includes('server') ? (api.loadBalancer?.virtualIp ?? '') : '',
    DATA_DIR: dataDir,
    SERVICE_USER: databaseServiceUser,
    DATABASE: topology.database.name,
    DATASTORE: host.roles.includes('server') ? topology.databases.map(databaseAddress).join(' ') : '',
    PATRONI: isDatabase && topology.database.cluster ? 'yes' : 'no',
    ETCD_DIR: topology.quorum.includes(host) ? etcdFolder : '',
    ETCD_PORT: String(topology.database.cluster?.etcd.clientPort ?? ''),
    EXPORT_PATH: exportPath,
  };
  const lines = Object.entries(inputs).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  // Its own commands must not read what is left of the script.
  return `${lines.join('')}${parts.join('\n')}\nprobe </dev/null 2>/dev/null\n`;
}

/** Units that the roles of a host need, whatever has been applied to it. */
function units({ api }: Topology, host: Host): string[] {
  const isServer = host.roles.includes('server');
  return [
    ...(isServer ? ['k3s.service'] : host.kind === 'agent' ? ['k3s-agent.service'] : []),
    ...(isServer && api.loadBalancer ? ['haproxy.service', 'keepalived.service'] : []),
    ...(host.roles.includes('nfs') ? ['nfs-server.service'] : []),
  ];
}
