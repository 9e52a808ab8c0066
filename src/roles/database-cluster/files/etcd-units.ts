import { etcdFolder, peerName } from '../../../model/database-cluster';
import type { DatabaseCluster, Host } from '../../../model/topology';
import { addressOf } from './patroni-config';

/**
 * The quadlet unit of etcd. Its data is in memory and goes with the container: every start is one of an empty member,
 * which `join.sh` finds a cluster for first.
 */
export function etcdContainer(host: Host, { etcd }: DatabaseCluster): string {
  const address = addressOf(host);
  const certificate = '/etc/etcd/member.crt';
  const key = '/etc/etcd/member.key';
  const ca = '/etc/etcd/ca.crt';
  const environment = {
    ETCD_NAME: host.name,
    ETCD_DATA_DIR: '/data/etcd',
    ETCD_LISTEN_CLIENT_URLS: [address, '127.0.0.1']
      .map((listen) => `https://${listen}:${etcd.clientPort}`)
      .join(','),
    ETCD_ADVERTISE_CLIENT_URLS: `https://${address}:${etcd.clientPort}`,
    ETCD_LISTEN_PEER_URLS: `https://${address}:${etcd.peerPort}`,
    ETCD_INITIAL_ADVERTISE_PEER_URLS: `https://${address}:${etcd.peerPort}`,
    ETCD_CERT_FILE: certificate,
    ETCD_KEY_FILE: key,
    ETCD_TRUSTED_CA_FILE: ca,
    ETCD_CLIENT_CERT_AUTH: 'true',
    ETCD_PEER_CERT_FILE: certificate,
    ETCD_PEER_KEY_FILE: key,
    ETCD_PEER_TRUSTED_CA_FILE: ca,
    ETCD_PEER_CLIENT_CERT_AUTH: 'true',
    // Servers have certificates of the same CA for Postgres, which are none for etcd. For clients there is no such
    // setting: with it, etcd 3.5 does not let in its own gateway for JSON, by which Patroni comes.
    ETCD_PEER_CERT_ALLOWED_HOSTNAME: peerName,
    ETCD_TLS_MIN_VERSION: 'TLS1.2',
    // A few keys of a kilobyte, changed once a second: without this every change of the last weeks would stay in memory.
    ETCD_AUTO_COMPACTION_MODE: 'revision',
    ETCD_AUTO_COMPACTION_RETENTION: '1000',
    ETCD_SNAPSHOT_COUNT: '5000',
    ETCD_MAX_SNAPSHOTS: '1',
    ETCD_MAX_WALS: '1',
    ETCD_QUOTA_BACKEND_BYTES: String(64 * 1024 * 1024),
    ETCD_LOG_LEVEL: 'warn',
  };
  return `[Unit]
Description=etcd, which decides which database host is the primary
StartLimitIntervalSec=0
Wants=k3s-etcd-watch.service

[Container]
ContainerName=k3s-etcd
Image=${etcd.image}
EnvironmentFile=%t/k3s-etcd/etcd.env
${Object.entries(environment)
  .map(([name, value]) => `Environment=${name}=${value}\n`)
  .join('')}Volume=${etcdFolder}/config:/etc/etcd:ro,Z
Network=host
DropCapability=all
NoNewPrivileges=true
ReadOnly=true
PodmanArgs=--userns=keep-id --image-volume=ignore
# Two segments of its log are 128 MB from the start; the rest is for a third, its snapshot and the keys.
PodmanArgs=--tmpfs=/data:rw,size=320m,mode=1777
# It has nothing to save. A member that ends orderly without a majority answers requests that were waiting with errors
# that Patroni takes for the loss of its lock; of a connection that breaks it knows that etcd is away.
PodmanArgs=--stop-signal=SIGKILL

[Service]
ExecStartPre=${etcdFolder}/join.sh
Restart=always
RestartSec=1
# Until there is a cluster to join or enough others to make one with.
TimeoutStartSec=infinity
TimeoutStopSec=30

[Install]
WantedBy=default.target

[Quadlet]
DefaultDependencies=false
`;
}

/** Starts a member anew that has had no leader for long. */
export const etcdWatch = `[Unit]
Description=Watch over etcd
PartOf=k3s-etcd.service
After=k3s-etcd.service
StartLimitIntervalSec=0

[Service]
ExecStart=${etcdFolder}/watch.sh
Restart=always
RestartSec=5
`;

/** What `join.sh` and `watch.sh` know: this host and all members in order, `name=address` each. */
export function etcdSettings(host: Host, members: readonly Host[], { etcd }: DatabaseCluster): string {
  return [
    `NAME=${host.name}`,
    `ADDRESS=${addressOf(host)}`,
    `MEMBERS="${members.map((member) => `${member.name}=${addressOf(member)}`).join(' ')}"`,
    `CLIENT_PORT=${etcd.clientPort}`,
    `PEER_PORT=${etcd.peerPort}`,
    '',
  ].join('\n');
}
