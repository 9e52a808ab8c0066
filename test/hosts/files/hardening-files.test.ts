import { parse } from 'yaml';
import { admissionConfig } from '../../../src/roles/k3s/files/admission-config';
import { auditPolicy } from '../../../src/roles/k3s/files/audit-policy';

interface AuditRule {
  readonly level: 'None' | 'Metadata' | 'Request';
  readonly verbs?: readonly string[];
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly resources?: readonly { readonly group: string; readonly resources?: readonly string[] }[];
}

const { rules } = parse(auditPolicy) as { rules: AuditRule[] };

/** The level of a request, as kube-apiserver finds it: the first rule that fits. */
function levelOf(verb: string, group: string, resource: string, user = 'ada', userGroup = 'people') {
  const names = ({ resources }: AuditRule) =>
    resources === undefined ||
    resources.some((each) => each.group === group && (each.resources ?? [resource]).includes(resource));
  return rules.find(
    (rule) =>
      rule.nonResourceURLs === undefined &&
      (rule.verbs ?? [verb]).includes(verb) &&
      (rule.users ?? [user]).includes(user) &&
      (rule.userGroups ?? [userGroup]).includes(userGroup) &&
      names(rule),
  )?.level;
}

test.each([
  ['get', '', 'secrets', 'ada', 'people', 'Metadata'],
  ['create', '', 'secrets', 'system:kube-controller-manager', 'system:masters', 'Metadata'],
  ['list', '', 'secrets', 'system:node:a', 'system:nodes', 'Metadata'],
  ['create', '', 'serviceaccounts/token', 'system:node:a', 'system:nodes', 'Metadata'],
  ['create', '', 'pods/exec', 'ada', 'people', 'Metadata'],
  ['update', 'apps', 'deployments', 'ada', 'people', 'Metadata'],
  ['create', 'rbac.authorization.k8s.io', 'clusterrolebindings', 'ada', 'people', 'Request'],
  ['get', '', 'pods', 'ada', 'people', 'Metadata'],
  ['watch', '', 'pods', 'system:kube-scheduler', 'system:authenticated', 'None'],
  ['patch', '', 'nodes/status', 'system:node:a', 'system:nodes', 'None'],
  ['patch', '', 'nodes/status', 'ada', 'people', 'Metadata'],
  ['update', 'coordination.k8s.io', 'leases', 'system:node:a', 'system:nodes', 'None'],
])('the audit log has of %s %s/%s by %s (%s): %s', (verb, group, resource, user, userGroup, level) => {
  expect(levelOf(verb, group, resource, user, userGroup)).toBe(level);
});

test('no content of a Secret, a ConfigMap or a pod is ever written into the audit log', () => {
  for (const resource of ['secrets', 'configmaps', 'pods'])
    for (const verb of ['get', 'list', 'create', 'update', 'patch'])
      expect([resource, verb, levelOf(verb, '', resource)]).toEqual([resource, verb, 'Metadata']);
});

test("pods are restricted in namespaces without a label, except k3s's own", () => {
  const [podSecurity] = parse(admissionConfig).plugins;
  expect(podSecurity.configuration).toMatchObject({
    defaults: { enforce: 'restricted' },
    exemptions: { namespaces: ['kube-system'] },
  });
});
