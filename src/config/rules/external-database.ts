import type { Draft } from '../draft';
import { quoteAll } from '../quote';
import { hostsWith, isExternal, nameOf } from './known';
import type { Finding, Written } from './rule';

/** What an external database leaves to whoever runs it. */
const ofHosts = ['image', 'dataDir', 'settings', 'patroni', 'etcd', 'openToPods'];

/** k3s keeps its state in one place. */
export function* oneDatabase(config: Draft, written: Written): Iterable<Finding> {
  if (!isExternal(config)) return;
  for (const [index, host] of hostsWith(config, 'database')) {
    yield {
      path: ['hosts', index, 'roles', host.roles?.indexOf('database') ?? 0],
      message: `${nameOf(host)} is a database host, and 'database.external' names another database: take the role away, or delete 'external'`,
    };
  }
  for (const key of ofHosts) {
    if (!written(['database', key])) continue;
    yield {
      path: ['database', key],
      target: 'key',
      message: `'database.${key}' is of hosts with the role 'database', and 'external' is run by somebody else: delete it, and set there what you need`,
    };
  }
}

/** What goes together in it. */
export function* externalDatabaseFits(config: Draft, written: Written): Iterable<Finding> {
  if (!isExternal(config)) return;
  const { external } = config.database ?? {};
  const { engine, addresses, authentication, tls, ca } = external ?? {};
  const at = (key: string) => ['database', 'external', key];
  if (engine === 'mysql' && addresses && addresses.length > 1)
    yield {
      path: [...at('addresses'), 1],
      message: `k3s knows one address of a MySQL, and here are ${quoteAll(
        addresses.flatMap((each) => each ?? []),
        'and',
      )}: name one that always leads to the primary`,
    };
  if (engine === 'mysql' && written(['database', 'backup']))
    yield {
      path: ['database', 'backup'],
      target: 'key',
      message:
        "no backups of MySQL are made here: delete this, have whoever runs it make them, and keep a copy of 'secrets/'",
    };
  else if (written(['database', 'backup', 'drill']))
    yield {
      path: ['database', 'backup', 'drill'],
      target: 'key',
      message:
        "a restore drill takes place on a database host, and with 'external' there is none: delete this, and try a restore where the database is",
    };
  if (tls !== 'none') return;
  yield {
    path: at('tls'),
    severity: 'warning',
    message:
      "nothing between the servers and the database is encrypted: whoever can listen there reads every Secret and becomes administrator, so use 'verify-full' unless it is the same machine or a network of its own",
  };
  if (authentication === 'certificate')
    yield {
      path: at('authentication'),
      message: "a certificate can be shown only with TLS: set 'tls: verify-full', or use a password",
    };
  if (ca !== undefined)
    yield {
      path: at('ca'),
      message: "without TLS there is no certificate to verify: delete 'ca', or 'tls: none'",
    };
}
