import type { Draft } from '../draft';
import { quote } from '../quote';
import { hostsWith, rolesAreKnown } from './known';
import type { Finding } from './rule';

const path = ['database', 'image'];

/** podman on a host without a terminal cannot ask which registry was meant. */
export function* imageNamesRegistry(config: Draft): Iterable<Finding> {
  const image = config.database?.image;
  const [first = '', ...rest] = image?.split('/') ?? [];
  if (image === undefined || (rest.length > 0 && /[.:]|^localhost$/.test(first))) return;
  const full = rest.length > 0 ? `docker.io/${image}` : `docker.io/library/${image}`;
  yield { path, message: `${quote(image)} names no registry: write '${full}' if you mean Docker Hub` };
}

/** A data directory belongs to one major version of Postgres: an image must not change by itself. */
export function* imageIsPinned(config: Draft): Iterable<Finding> {
  const image = config.database?.image;
  if (image === undefined || image.includes('@sha256:')) return;
  const tag = /:([^/]*)$/.exec(image)?.[1];
  if (tag !== undefined && tag !== 'latest') return;
  const message =
    tag === undefined
      ? `${quote(image)} has no tag: add the major version of Postgres, such as ':17'`
      : `the tag 'latest' of ${quote(image)} changes to a version that cannot read the data: use the major version, such as ':17'`;
  yield { path, message };
}

/** Settings that the container, the certificates and the firewall depend on. */
const owned =
  /^(listen_addresses|port|data_directory|config_file|hba_file|ident_file|external_pid_file|unix_socket_directories|ssl|ssl_.*)$/;

/** What makes the database reachable is decided elsewhere. */
export function* ownedPostgresSettings(config: Draft): Iterable<Finding> {
  for (const key of Object.keys(config.database?.settings ?? {})) {
    if (!owned.test(key)) continue;
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
