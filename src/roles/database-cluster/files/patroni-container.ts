import type { Database } from '../../../model/topology';
import { aliveUnit } from '../../database/files/alive-unit';

/** Where the container sees `config` and `cluster` of the data folder. */
export const patroniConfigFolder = '/etc/patroni';
export const patroniDataFolder = '/var/lib/patroni';

/**
 * The quadlet unit of a Postgres that Patroni runs, in place of a single one's and under the same name. It
 * mounts the parent of the data folder: Patroni replaces that folder when it copies the primary.
 */
export function patroniContainer(image: string, dataDir: Database['dataDir']): string {
  return `[Unit]
Description=Postgres, the datastore of k3s, run by Patroni
# Ends it when it does not answer.
Wants=${aliveUnit}
StartLimitIntervalSec=0

[Container]
ContainerName=k3s-postgres
Image=${image}
Exec=/usr/bin/python3 ${patroniConfigFolder}/database_host.py start
Environment=PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
Volume=${dataDir}/cluster:${patroniDataFolder}:Z
Volume=${dataDir}/config:${patroniConfigFolder}:ro,Z
Network=host
DropCapability=all
NoNewPrivileges=true
ReadOnly=true
# Quadlets of podman before 4.8 leave no /tmp to write to.
PodmanArgs=--read-only-tmpfs=true
# Files keep their owner, whatever user the image has.
PodmanArgs=--userns=keep-id --entrypoint=
# The image's own folder for data would be a volume that nobody uses.
PodmanArgs=--image-volume=ignore
# Postgres keeps the memory that its workers share there; the default is 64 MB.
PodmanArgs=--shm-size=256m
# Patroni stops Postgres and hands over to another host before it ends.
PodmanArgs=--stop-signal=SIGTERM --stop-timeout=60

[Service]
Restart=always
RestartSec=1
# The image may have to be fetched again.
TimeoutStartSec=900
TimeoutStopSec=90

[Install]
WantedBy=default.target

[Quadlet]
DefaultDependencies=false
`;
}
