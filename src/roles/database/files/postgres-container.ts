import { aliveUnit } from './alive-unit';

/** What the quadlet unit of Postgres depends on. */
export interface PostgresContainer {
  readonly image: string;
  /** Folder on the host with `data` and `config`. */
  readonly dataDir: string;
}

/**
 * The quadlet unit. Options without a key of their own in podman 4.4, the oldest that has quadlets, are `PodmanArgs`.
 *
 * The container shares the host's network: k3s waits for every round trip to its datastore, and a forwarder of
 * rootless networks (pasta, slirp4netns) costs latency and fails when it starts before the host has its address.
 */
export function postgresContainer({ image, dataDir }: PostgresContainer): string {
  return `[Unit]
Description=Postgres, the datastore of k3s
# Ends it when it does not answer.
Wants=${aliveUnit}
StartLimitIntervalSec=0

[Container]
ContainerName=k3s-postgres
Image=${image}
Exec=postgres -c config_file=/etc/postgresql/postgresql.conf
Environment=PGDATA=/var/lib/postgresql/data
Volume=${dataDir}/data:/var/lib/postgresql/data:Z
Volume=${dataDir}/config:/etc/postgresql:ro,Z
Network=host
DropCapability=all
NoNewPrivileges=true
ReadOnly=true
# Quadlets of podman before 4.8 leave no /tmp to write to.
PodmanArgs=--read-only-tmpfs=true
# Files keep their owner, whatever user the image has.
PodmanArgs=--userns=keep-id
# Postgres keeps the memory that its workers share there; the default is 64 MB.
PodmanArgs=--shm-size=256m
# SIGINT closes connections; the default would wait for k3s to close them, and end in a recovery.
PodmanArgs=--stop-signal=SIGINT --stop-timeout=60

[Service]
Restart=always
RestartSec=1
# The image may have to be fetched again.
TimeoutStartSec=900
TimeoutStopSec=90

[Install]
WantedBy=default.target

# Postgres listens on every address: no need to wait for one.
[Quadlet]
DefaultDependencies=false
`;
}
