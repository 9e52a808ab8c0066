import * as z from 'zod';
import { labelSelector, labels, toleration } from './label-selector';
import { bgp } from './metallb-bgp';
import { addressRange, dnsLabel, dnsSubdomain, interfaceName } from './primitives';

const allocation = z
  .strictObject({
    priority: z
      .int()
      .exactOptional()
      .describe('Among the pools that fit a service, the lowest number is tried first; none comes last.'),
    namespaces: z.array(dnsLabel).default([]).describe('Namespaces that may use the pool.'),
    namespaceSelectors: z
      .array(labelSelector)
      .default([])
      .describe('Labels of namespaces that may use the pool, beside `namespaces`.'),
    serviceSelectors: z
      .array(labelSelector)
      .default([])
      .describe('Labels of services that may use the pool.'),
  })
  .describe('Who may use the pool. Without it, every service.');

export const pool = z
  .strictObject({
    name: dnsSubdomain.describe('Name of the IPAddressPool.'),
    addresses: z.array(addressRange).min(1).describe('Ranges `first-last` or networks, IPv4 or IPv6.'),
    autoAssign: z
      .boolean()
      .default(true)
      .describe('Whether services that ask for no pool get addresses of this one.'),
    avoidBuggyIPs: z
      .boolean()
      .default(false)
      .describe('Leaves out addresses that end in .0 or .255, which some old devices refuse to talk to.'),
    allocation: allocation.exactOptional(),
    labels: labels
      .default({})
      .describe('Labels of the IPAddressPool, for `poolSelectors` of advertisements.'),
  })
  .describe('Addresses that MetalLB gives to services of type LoadBalancer.');

const preferredNodes = z
  .strictObject({
    weight: z
      .int()
      .min(1)
      .max(100)
      .describe('How much the nodes are preferred; weights of several selectors add up.'),
    preference: labelSelector.describe('Labels of the nodes.'),
  })
  .describe('Nodes that rather answer for the addresses.');

const l2Advertisement = z
  .strictObject({
    name: dnsSubdomain.describe('Name of the L2Advertisement.'),
    pools: z
      .array(dnsSubdomain)
      .default([])
      .describe('Pools to announce. Without it and `poolSelectors`, all.'),
    poolSelectors: z
      .array(labelSelector)
      .default([])
      .describe('Labels of pools to announce, beside `pools`.'),
    nodeSelectors: z
      .array(labelSelector)
      .default([])
      .describe('Nodes that may answer for the addresses. Without it, every node.'),
    serviceSelectors: z
      .array(labelSelector)
      .default([])
      .describe('Services to announce. Without it, every service of the pools.'),
    interfaces: z
      .array(interfaceName)
      .default([])
      .describe('Network interfaces of the nodes to answer on. Without it, every one.'),
    preferredNodeSelectors: z
      .array(preferredNodes)
      .default([])
      .describe(
        'Nodes that answer in preference to others while they are up. Without it, services are spread over the nodes.',
      ),
  })
  .describe('Announces pools in the local network.');

const speaker = z
  .strictObject({
    nodeSelector: labels.default({}).describe('Labels of the nodes that run a speaker, beside Linux.'),
    tolerations: z
      .array(toleration)
      .default([])
      .describe('Taints that do not keep speakers away, beside those of control plane nodes.'),
    ignoreExcludeLB: z
      .boolean()
      .default(false)
      .describe(
        'Announce from nodes with the label `node.kubernetes.io/exclude-from-external-load-balancers` too.',
      ),
    excludeInterfaces: z
      .array(z.string().min(1))
      .default([
        '^docker.*',
        '^cbr.*',
        '^dummy.*',
        '^virbr.*',
        '^lxcbr.*',
        '^veth.*',
        '^lo$',
        '^cali.*',
        '^tunl.*',
        '^flannel.*',
        '^kube-ipvs.*',
        '^cni.*',
        '^nodelocaldns.*',
        '^lxc.*',
      ])
      .describe('Regular expressions of interfaces that are never used for announcements in mode `l2`.'),
  })
  .describe('The part of MetalLB that runs on every node and announces addresses.');

export const metallb = z
  .strictObject({
    pools: z.array(pool).min(1).describe('Pools of addresses.'),
    mode: z
      .enum(['l2', 'bgp'])
      .default('l2')
      .describe(
        'How pools are announced when no advertisement is given: ARP and NDP in the local network (`l2`), or to routers (`bgp`).',
      ),
    l2: z
      .strictObject({
        advertisements: z
          .array(l2Advertisement)
          .default([])
          .describe('What to announce. Default in mode `l2`: every pool, from every node.'),
      })
      .prefault({})
      .describe('Announcements by ARP (IPv4) and NDP (IPv6).'),
    bgp: bgp.exactOptional(),
    loadBalancerClass: z
      .string()
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9_./]{0,251}[A-Za-z0-9])?$/, {
        error: (issue) => `'${issue.input}' is not a load balancer class: write it like example.net/metallb`,
      })
      .exactOptional()
      .describe('Handle only services with this `loadBalancerClass`. Without it, those that have none.'),
    serviceLB: z
      .boolean()
      .default(false)
      .describe(
        "Whether k3s's own ServiceLB stays on beside MetalLB: it gives services without a class the addresses of the nodes. Needs `loadBalancerClass`.",
      ),
    logLevel: z
      .enum(['all', 'debug', 'info', 'warn', 'error', 'none'])
      .default('info')
      .describe('Log level of the controller and of the speakers.'),
    speaker: speaker.prefault({}),
  })
  .describe("External load balancer. Without it, k3s's own ServiceLB stays on.");
