import type { Draft } from '../draft';
import { quote } from '../quote';
import { hostsWith, rolesAreKnown } from './known';
import type { Finding } from './rule';

type Images = readonly (readonly [path: string[], image: string | undefined])[];

/** Every image of the section, and the tag that the message about a missing one proposes. */
function images({ database }: Draft): Images {
  return [
    [['database', 'image'], database?.image],
    [['database', 'patroni', 'image'], database?.patroni?.image],
    [['database', 'etcd', 'image'], database?.etcd?.image],
  ];
}

/** Without a terminal, podman cannot ask which registry is meant. */
export function* imageNamesRegistry(config: Draft): Iterable<Finding> {
  for (const [path, image] of images(config)) {
    const [first = '', ...rest] = image?.split('/') ?? [];
    if (image === undefined || (rest.length > 0 && /[.:]|^localhost$/.test(first))) continue;
    const full = rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`;
    yield { path, message: `${quote(image)} has no registry: write '${full}' if you mean Docker Hub` };
  }
}

/** A data directory belongs to one major version of Postgres, and etcd data to one of etcd: an image must not change by itself. */
export function* imageIsPinned(config: Draft): Iterable<Finding> {
  for (const [path, image] of images(config)) {
    if (image === undefined || image.includes('@sha256:')) continue;
    const tag = /:([^/]*)$/.exec(image)?.[1];
    if (tag !== undefined && tag !== 'latest') continue;
    const [what, example] = path.includes('etcd')
      ? ['the version of etcd', ':v3.5.33']
      : ['the major version of Postgres', ':17'];
    const message =
      tag === undefined
        ? `${quote(image)} has no tag: add ${what}, such as '${example}'`
        : `the tag 'latest' of ${quote(image)} changes to a version that cannot read the data: use ${what}, such as '${example}'`;
    yield { path, message };
  }
}

/** Hosts that download nothing cannot build an image. */
export function* patroniImageIsBrought(config: Draft): Iterable<Finding> {
  if (hostsWith(config, 'database').length < 2 || config.k3s?.artifacts === undefined) return;
  if (config.database?.patroni?.image !== undefined) return;
  yield {
    path: ['k3s', 'artifacts'],
    message:
      "hosts that download nothing cannot build the image of Patroni, which several database hosts need: build it as docs/how-to/database.md says, put its archive into 'podman/' of the artifacts, and name it as 'database.patroni.image'",
  };
}

/** Settings that the container, the certificates and the firewall depend on. */
export const ownedSettings =
  /^(listen_addresses|port|data_directory|config_file|hba_file|ident_file|external_pid_file|unix_socket_directories|ssl|ssl_.*)$/;

/** Settings that Patroni sets itself, and would ignore here. */
const ownedByPatroni =
  /^(cluster_name|hot_standby|primary_conninfo|primary_slot_name|promote_trigger_file|recovery_.*|restore_command|archive_cleanup_command|synchronous_standby_names|wal_level|wal_log_hints)$/;

/** Settings that make the database reachable are determined elsewhere. */
export function* ownedPostgresSettings(config: Draft): Iterable<Finding> {
  const several = hostsWith(config, 'database').length > 1;
  for (const key of Object.keys(config.database?.settings ?? {})) {
    if (several && ownedByPatroni.test(key)) {
      yield {
        path: ['database', 'settings', key],
        target: 'key',
        message: `${quote(key)} cannot be set with several database hosts: Patroni sets it as replication needs it`,
      };
    }
    if (!ownedSettings.test(key)) continue;
    yield {
      path: ['database', 'settings', key],
      target: 'key',
      message: `${quote(key)} cannot be set here: the servers could no longer reach the database`,
    };
  }
}

/** kine opens connections without a limit, and every server needs its share. */
export function* enoughConnections(config: Draft): Iterable<Finding> {
  const connections = Number(config.database?.settings?.max_connections);
  const servers = hostsWith(config, 'server').length;
  if (!rolesAreKnown(config) || !(connections < servers * 100)) return;
  yield {
    path: ['database', 'settings', 'max_connections'],
    severity: 'warning',
    message: `${connections} connections are few for ${servers} servers, which open up to 100 each: delete this, or write ${servers * 100 + 20}`,
  };
}
