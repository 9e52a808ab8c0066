import * as z from 'zod';
import { goDuration, goDurationPattern } from '../go-duration';
import { labelSelector } from './label-selector';
import { dnsSubdomain, interfaceName, ipAddress } from './primitives';

/** An autonomous system number: 4 bytes, 0 is reserved (RFC 7607). */
const asn = z.int().min(1).max(4294967295);

const notDuration = (issue: { readonly input?: unknown }) =>
  `'${issue.input}' is not a duration: write it like 90s or 1m30s`;

const duration = z
  .string()
  .regex(goDurationPattern, { error: notDuration, abort: true })
  .refine((text) => goDuration(text) !== undefined, { error: notDuration });

const milliseconds = z.int().min(10).max(60000);

const peer = z
  .strictObject({
    name: dnsSubdomain.describe('Name of the BGPPeer.'),
    address: ipAddress.exactOptional().describe('Address of the router. Either this or `interface`.'),
    interface: interfaceName
      .exactOptional()
      .describe('Interface of the nodes to peer over without addresses (unnumbered). FRR backends only.'),
    asn: z
      .union([asn, z.enum(['internal', 'external'])])
      .describe(
        'AS number of the router; `internal` (the same as that of the cluster) or `external` (any other) with an FRR backend.',
      ),
    myAsn: asn.exactOptional().describe('AS number of the cluster for this peer. Default: `bgp.asn`.'),
    localAsn: asn
      .exactOptional()
      .describe(
        'AS number to present to this peer in place of `myAsn`. Backend `frr` only: MetalLB does not pass it on to FRR-K8s.',
      ),
    port: z.int().min(1).max(16384).default(179).describe('Port of the router.'),
    sourceAddress: ipAddress
      .exactOptional()
      .describe(
        'Local address of the session. Not with backend `frr-k8s`, to which MetalLB does not pass it on. Default: chosen by the node.',
      ),
    routerId: z
      .ipv4()
      .exactOptional()
      .describe('Router ID to present. Default: the IPv4 address of the node.'),
    holdTime: duration
      .exactOptional()
      .describe("Time without a message after which the session counts as lost. Default: MetalLB's, 90s."),
    keepaliveTime: duration
      .exactOptional()
      .describe('Time between two keepalive messages. FRR backends only. Default: a third of `holdTime`.'),
    connectTime: duration
      .exactOptional()
      .describe('Time between two attempts to connect, in whole seconds up to 65535. FRR backends only.'),
    nodeSelectors: z
      .array(labelSelector)
      .default([])
      .describe('Nodes that hold the session. Without it, every node.'),
    passwordSecret: dnsSubdomain
      .exactOptional()
      .describe(
        'Secret in namespace `metallb-system`, of type `kubernetes.io/basic-auth`, whose key `password` is the TCP MD5 password. You create it; it never passes through this file.',
      ),
    bfdProfile: dnsSubdomain
      .exactOptional()
      .describe('One of `bfdProfiles`. FRR backends only. Default: no BFD.'),
    ebgpMultiHop: z
      .boolean()
      .default(false)
      .describe('Whether the router is more than one hop away. Matters to the FRR backends only.'),
    gracefulRestart: z
      .boolean()
      .default(false)
      .describe(
        'Lets the router keep its routes while the session restarts. FRR backends only; cannot be changed later.',
      ),
    dualStack: z
      .boolean()
      .default(false)
      .describe('Exchanges IPv4 and IPv6 routes over this one session. FRR backends only.'),
    vrf: interfaceName.exactOptional().describe('VRF of the nodes for the session. FRR backends only.'),
  })
  .describe('A router that the nodes hold a BGP session with.');

const advertisement = z
  .strictObject({
    name: dnsSubdomain.describe('Name of the BGPAdvertisement.'),
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
      .describe('Nodes that are announced as next hop. Without it, every node.'),
    serviceSelectors: z
      .array(labelSelector)
      .default([])
      .describe('Services to announce. Without it, every service of the pools.'),
    peers: z.array(dnsSubdomain).default([]).describe('Peers to announce to. Without it, every peer.'),
    communities: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Communities of the routes: standard (`65000:100`), large (`large:65000:1:2`, FRR backends only) or names of `bgp.communities`.',
      ),
    localPref: z.int().min(0).max(2147483647).exactOptional().describe('LOCAL_PREF of the routes.'),
    asPathPrepend: z
      .int()
      .min(1)
      .max(10)
      .exactOptional()
      .describe(
        'How many times to prepend the AS number of the cluster to the AS path, so that routers prefer other paths. Backend `frr-k8s` only.',
      ),
    aggregationLength: z
      .int()
      .min(1)
      .max(32)
      .default(32)
      .describe('Length of the IPv4 prefixes that are announced; 32 announces every address separately.'),
    aggregationLengthV6: z
      .int()
      .min(0)
      .max(128)
      .default(128)
      .describe('Length of the IPv6 prefixes that are announced; 128 announces every address separately.'),
  })
  .describe('Announces pools to routers.');

const bfdProfile = z
  .strictObject({
    name: dnsSubdomain.describe('Name of the BFDProfile.'),
    receiveInterval: milliseconds
      .default(300)
      .describe('Shortest time between two control packets that this end accepts, in milliseconds.'),
    transmitInterval: milliseconds
      .default(300)
      .describe('Time between two control packets that this end sends, in milliseconds.'),
    detectMultiplier: z
      .int()
      .min(2)
      .max(255)
      .default(3)
      .describe('Number of missing packets after which the session counts as lost.'),
    echoMode: z.boolean().default(false).describe('Sends echo packets. Not for IPv6 nor for several hops.'),
    echoInterval: milliseconds
      .default(50)
      .describe('Shortest time between two echo packets, in milliseconds.'),
    passiveMode: z.boolean().default(false).describe('Waits for the router to speak first.'),
    minimumTtl: z
      .int()
      .min(1)
      .max(254)
      .default(254)
      .describe('Smallest TTL of an arriving packet, for routers several hops away.'),
  })
  .describe('How BFD watches over a session, so that a lost router is noticed within milliseconds.');

export const bgp = z
  .strictObject({
    asn: asn.describe('AS number of the cluster; 64512 to 65534 are free for private use.'),
    backend: z
      .enum(['native', 'frr', 'frr-k8s'])
      .default('native')
      .describe(
        'What speaks BGP. `native`: the speaker itself, IPv4 only, the least memory. `frr-k8s`: FRR in separate pods, with BFD, IPv6 and VRFs. `frr`: FRR beside the speaker, deprecated by MetalLB.',
      ),
    peers: z.array(peer).min(1).describe('Routers.'),
    advertisements: z
      .array(advertisement)
      .default([])
      .describe('What to announce. Default in mode `bgp`: every pool, from every node, to every peer.'),
    bfdProfiles: z.array(bfdProfile).default([]).describe('BFD settings for peers to refer to.'),
    communities: z
      .record(z.string().min(1), z.string().min(1))
      .default({})
      .describe('Names for communities, for advertisements to refer to.'),
  })
  .describe('Announcements to routers by BGP.');
