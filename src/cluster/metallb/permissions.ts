import type { PolicyRule } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { BgpBackend } from '../../model/metallb';
import { type Account, Grant, read, rule } from '../rbac';
import { namespace } from './metallb';
import { webhookConfigurationName } from './webhook';

export interface PermissionsProps {
  readonly controller: Account;
  readonly speaker: Account;
  readonly backend: BgpBackend;
}

const write = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const group = 'metallb.io';

/** Kinds that configure MetalLB. */
const configuration = [
  'bfdprofiles',
  'bgpadvertisements',
  'bgppeers',
  'communities',
  'ipaddresspools',
  'l2advertisements',
];

/** The metrics endpoint asks the API who its caller is and whether they are allowed. */
const metricsRules: PolicyRule[] = [
  rule('authentication.k8s.io', ['tokenreviews'], ['create']),
  rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
];

/** What MetalLB may do; the rules of its release, without those for PodSecurityPolicies, which are gone. */
export class Permissions extends Construct {
  constructor(scope: Construct, id: string, { controller, speaker, backend }: PermissionsProps) {
    super(scope, id);
    new Grant(this, 'controller-cluster', {
      name: 'metallb-system:controller',
      rules: [...controllerClusterRules, ...metricsRules],
      to: [controller],
    });
    new Grant(this, 'speaker-cluster', {
      name: 'metallb-system:speaker',
      rules: [
        ...speakerClusterRules,
        ...(backend === 'frr-k8s'
          ? [rule('frrk8s.metallb.io', ['frrconfigurations'], [...read, 'create', 'update', 'delete'])]
          : []),
        ...metricsRules,
      ],
      to: [speaker],
    });
    new Grant(this, 'controller', {
      name: 'controller',
      namespace,
      rules: controllerRules,
      to: [controller],
    });
    new Grant(this, 'pod-lister', {
      name: 'pod-lister',
      namespace,
      rules: podListerRules,
      to: [controller, speaker],
    });
  }
}

const controllerClusterRules: PolicyRule[] = [
  rule('', ['services', 'namespaces'], read),
  rule('', ['nodes'], ['list']),
  rule('', ['services/status'], ['update']),
  rule('', ['events'], ['create', 'patch']),
  // It puts the CA of its own webhook certificate into these.
  rule('admissionregistration.k8s.io', ['validatingwebhookconfigurations'], write, [
    webhookConfigurationName,
  ]),
  rule('admissionregistration.k8s.io', ['validatingwebhookconfigurations'], ['list', 'watch']),
  rule(
    'apiextensions.k8s.io',
    ['customresourcedefinitions'],
    write,
    [...configuration, 'configurationstates'].map((kind) => `${kind}.${group}`),
  ),
  rule('apiextensions.k8s.io', ['customresourcedefinitions'], ['list', 'watch']),
  rule(group, ['configurationstates'], write),
  rule(group, ['configurationstates/status'], ['get', 'patch', 'update']),
];

const speakerClusterRules: PolicyRule[] = [
  rule(group, ['servicel2statuses', 'servicel2statuses/status'], ['*']),
  rule(group, ['configurationstates', 'configurationstates/status'], ['*']),
  rule('', ['services', 'endpoints', 'nodes', 'namespaces'], read),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('', ['events'], ['create', 'patch']),
];

const controllerRules: PolicyRule[] = [
  rule('', ['secrets'], write),
  rule('apps', ['deployments'], ['get'], ['controller']),
  rule(group, configuration, read),
  rule(group, ['ipaddresspools/status'], ['update']),
];

const podListerRules: PolicyRule[] = [
  rule('', ['pods'], ['list', 'get']),
  rule('', ['secrets', 'configmaps'], read),
  rule(group, configuration, read),
  rule(group, ['servicebgpstatuses', 'servicebgpstatuses/status'], ['*']),
];
