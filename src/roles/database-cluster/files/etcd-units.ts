import { etcdDataFolder, etcdFolder } from '../../../model/database-cluster';
import type { DatabaseCluster, Host, Topology } from '../../../model/topology';
import { addressOf } from './patroni-config';

/** The quadlet unit of a member of etcd, which keeps its data on disk. */
export function etcdContainer(host: Host, topology: Topology, cluster: DatabaseCluster): string {
  const { etcd } = cluster;
  const address = addressOf(host);
  const certificate = '/etc/etcd/etcd.crt';
  const key = '/etc/etcd/etcd.key';
  const ca = '/etc/etcd/cluster-ca.crt';
  const data = etcdDataFolder(host, topology);
  const environment = {
    ETCD_NAME: host.name,
    ETCD_DATA_DIR: '/data',
    ETCD_LISTEN_CLIENT_URLS: [address, '127.0.0.1']
      .map((listen) => `https://${listen}:${etcd.clientPort}`)
      .join(','),
    ETCD_ADVERTISE_CLIENT_URLS: `https://${address}:${etcd.clientPort}`,
    ETCD_LISTEN_PEER_URLS: `https://${address}:${etcd.peerPort}`,
    ETCD_INITIAL_ADVERTISE_PEER_URLS: peerUrl(host, cluster),
    ETCD_CERT_FILE: certificate,
    ETCD_KEY_FILE: key,
    ETCD_TRUSTED_CA_FILE: ca,
    ETCD_CLIENT_CERT_AUTH: 'true',
    ETCD_PEER_CERT_FILE: certificate,
    ETCD_PEER_KEY_FILE: key,
    ETCD_PEER_TRUSTED_CA_FILE: ca,
    ETCD_PEER_CLIENT_CERT_AUTH: 'true',
    ETCD_TLS_MIN_VERSION: 'TLS1.2',
    // A leader whose disk stalls for longer than a second loses the lead to a host whose disk does not. A
    // longer time would make it worse: Patroni gives up after five seconds (`retry_timeout`), and an election
    // may take twice the timeout.
    ETCD_HEARTBEAT_INTERVAL: '100',
    ETCD_ELECTION_TIMEOUT: '1000',
    // Acknowledged writes are in the log, whatever this is. Committed ten times a second, the default, the
    // same few pages of the database would be most of what an SD card has to write.
    ETCD_BACKEND_BATCH_INTERVAL: '30s',
    // A few keys of a kilobyte, changed a few times a second.
    ETCD_AUTO_COMPACTION_MODE: 'revision',
    ETCD_AUTO_COMPACTION_RETENTION: '1000',
    ETCD_SNAPSHOT_COUNT: '10000',
    ETCD_MAX_SNAPSHOTS: '2',
    ETCD_MAX_WALS: '2',
    ETCD_QUOTA_BACKEND_BYTES: String(256 * 1024 * 1024),
    ETCD_LOG_LEVEL: 'warn',
  };
  return `[Unit]
Description=etcd, which decides which database host is the primary
StartLimitIntervalSec=0
# With nothing on its disk it is another member than it was, and would vote a second time. Only the step starts one without data.
ConditionPathExistsGlob=|${data}/member/wal/*.wal
ConditionPathExists=|${firstStart}

[Container]
ContainerName=k3s-etcd
Image=${etcd.image}
EnvironmentFile=${etcdFolder}/config/cluster.env
${Object.entries(environment)
  .map(([name, value]) => `Environment=${name}=${value}\n`)
  .join('')}Volume=${etcdFolder}/config:/etc/etcd:ro,Z
Volume=${data}:/data:Z
Network=host
DropCapability=all
NoNewPrivileges=true
ReadOnly=true
# Quadlets of podman before 4.8 leave no /tmp to write to.
PodmanArgs=--read-only-tmpfs=true
PodmanArgs=--userns=keep-id --image-volume=ignore
# What it has acknowledged is on the disk. A member that ends orderly without a majority answers requests that were waiting
# with errors that Patroni takes for the loss of its lock; of a connection that breaks it knows that etcd is away.
PodmanArgs=--stop-signal=SIGKILL

[Service]
Restart=always
RestartSec=1
# The image may have to be fetched again.
TimeoutStartSec=900
TimeoutStopSec=30

[Install]
WantedBy=default.target

[Quadlet]
DefaultDependencies=false
`;
}

/** Allows a start without data. */
const firstStart = `${etcdFolder}/first-start`;

/**
 * What the step knows about the members: `name=https://address:port` each, as etcd's `initial-cluster` has
 * them.
 */
export function etcdMembersList(members: readonly Host[], cluster: DatabaseCluster): string {
  return members.map((member) => `${member.name}=${peerUrl(member, cluster)}`).join(',');
}

/** Where a member listens for the others. */
export function peerUrl(host: Host, { etcd }: DatabaseCluster): string {
  return `https://${addressOf(host)}:${etcd.peerPort}`;
}
