import type { Construct } from 'constructs';
import { type Account, Grant, read, rule } from '../rbac';

const upgrade = ['get', 'list', 'watch', 'create', 'patch', 'update'];

/** What the system-upgrade-controller and the drains of its jobs may do; the rules of its release. */
export function grantSystemUpgrade(scope: Construct, account: Account): void {
  new Grant(scope, 'controller-cluster', {
    name: 'system-upgrade-controller',
    rules: [
      rule('batch', ['jobs'], read),
      // It installs its own CRD.
      rule('apiextensions.k8s.io', ['customresourcedefinitions'], upgrade),
      rule('', ['namespaces', 'nodes'], read),
      rule('', ['nodes'], ['update']),
      rule('', ['events'], ['get', 'create', 'patch', 'update']),
      rule('upgrade.cattle.io', ['plans', 'plans/status'], [...upgrade, 'delete']),
    ],
    to: [account],
  });
  new Grant(scope, 'drainer', {
    name: 'system-upgrade-controller-drainer',
    rules: [
      rule('', ['pods/eviction'], ['create']),
      rule('', ['pods'], ['get', 'list', 'delete']),
      rule('', ['nodes'], ['get', 'patch']),
      rule('apps', ['statefulsets', 'daemonsets', 'replicasets'], ['get', 'list']),
    ],
    to: [account],
  });
  new Grant(scope, 'controller', {
    name: 'system-upgrade-controller',
    namespace: account.namespace,
    rules: [rule('batch', ['jobs'], [...upgrade, 'delete', 'deletecollection']), rule('', ['secrets'], read)],
    to: [account],
  });
}
