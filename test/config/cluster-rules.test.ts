import { issuesWith } from '../support/topology';

/** Sections of cluster.yaml about the cluster, and the only thing that is wrong with them. */
const cases: [name: string, sections: string, issue: string][] = [
  [
    'backups into the export of the own NFS host under its name',
    'database: { backup: { nfs: { server: nas, path: /srv/nfs } } }',
    "error at database.backup.nfs: backups in '/srv/nfs' can be read by whoever mounts the NFS export '/srv/nfs', and hold the token: set 'database.backup.recipients', or another path",
  ],
  [
    'backups beside the export of the own NFS host',
    'database: { backup: { nfs: { server: 192.168.10.40, path: /srv/nfs-backups } } }',
    "warning at database.backup.nfs: backups go to '192.168.10.40:/srv/nfs-backups' unencrypted, and hold the token of the servers and every Secret: whoever can read them there or in transit controls the cluster, so set 'database.backup.recipients'",
  ],
  [
    'an advertisement of a pool that is not there',
    metallb('l2: { advertisements: [{ name: a, pools: [lna] }, { name: b, pools: [lan] }] }'),
    "warning at metallb.l2.advertisements[0].pools[0]: there is no pool 'lna': choose from 'lan'",
  ],
  [
    'a pool that no advertisement names',
    metallb(
      'l2: { advertisements: [{ name: a, pools: [lan] }] }',
      ', { name: b, addresses: [192.168.10.224/28] }',
    ),
    "warning at metallb.pools[1].name: no advertisement names the pool 'b': nobody will find its addresses, so add it to one",
  ],
  [
    'two advertisements of one name',
    metallb('l2: { advertisements: [{ name: a }, { name: a }] }'),
    "error at metallb.l2.advertisements[1].name: 'a' is the name of advertisements[0] too: give each a name of its own",
  ],
  [
    'mode bgp without routers',
    metallb('mode: bgp'),
    "error at metallb.mode: mode 'bgp' needs 'metallb.bgp': your AS number and the routers to announce to",
  ],
  [
    'routers that nothing is announced to',
    metallb(`mode: l2, ${bgp('')}`),
    "warning at metallb.mode: nothing is announced to the peers of 'metallb.bgp': set 'metallb.mode' to 'bgp', or add 'advertisements'",
  ],
  [
    'a peer without an end',
    metallb(`mode: bgp, ${bgp('', '{ name: r, asn: 2 }')}`),
    "error at metallb.bgp.peers[0]: the peer 'r' has no remote end: give it an 'address', or an 'interface' for a session without addresses",
  ],
  [
    'what needs FRR, without it',
    metallb(`mode: bgp, ${bgp('', '{ name: r, asn: 2, address: 192.168.10.1, vrf: red }')}`),
    "error at metallb.bgp.peers[0].vrf: 'vrf' needs FRR: set 'metallb.bgp.backend' to 'frr-k8s', or delete this",
  ],
  [
    'a BFD profile that is not there',
    metallb(
      `mode: bgp, ${bgp('backend: frr', '{ name: r, asn: 2, address: 192.168.10.1, bfdProfile: fast }')}`,
    ),
    "error at metallb.bgp.peers[0].bfdProfile: there is no BFD profile 'fast': add it first",
  ],
  [
    'a peer of an advertisement that is not there',
    metallb(`mode: bgp, ${bgp('advertisements: [{ name: a, peers: [r2] }]')}`),
    "warning at metallb.bgp.advertisements[0].peers[0]: there is no peer 'r2': choose from 'r'",
  ],
  [
    'a community that is none',
    metallb(`mode: bgp, ${bgp("advertisements: [{ name: a, communities: ['65536:1'] }]")}`),
    "error at metallb.bgp.advertisements[0].communities[0]: '65536:1' is not a community: write it like 65000:100 or large:65000:1:2",
  ],
  [
    'a name for no community',
    metallb(`mode: bgp, ${bgp("communities: { a: '1:2:3' }")}`),
    "error at metallb.bgp.communities.a: '1:2:3' is not a community: write it like 65000:100 or large:65000:1:2",
  ],
  [
    'selected services that are aggregated',
    metallb(
      `mode: bgp, ${bgp('advertisements: [{ name: a, aggregationLength: 24, serviceSelectors: [{}] }]')}`,
    ),
    "error at metallb.bgp.advertisements[0].aggregationLength: 'serviceSelectors' announce single addresses: set 'aggregationLength' to 32, or delete the selectors",
  ],
  [
    'multi-hop inside our own AS',
    metallb(`mode: bgp, ${bgp('', '{ name: r, asn: 1, address: 192.168.10.1, ebgpMultiHop: true }')}`),
    "error at metallb.bgp.peers[0].ebgpMultiHop: the peer is in our own AS '1', where 'ebgpMultiHop' has no meaning: delete it",
  ],
  [
    'peers of one FRR in different ASes of ours',
    metallb(
      `mode: bgp, ${bgp('backend: frr', '{ name: r, asn: 2, address: 192.168.10.1 }, { name: s, asn: 2, myAsn: 3, address: 192.168.10.2 }')}`,
    ),
    "error at metallb.bgp.peers[1].myAsn: the peers 'r' and 's' differ in 'myAsn': with FRR all peers of a node and VRF have the same",
  ],
  [
    'a fixed address of the ingress without MetalLB',
    'addons: { ingress: { controller: traefik, addresses: [192.168.10.5] } }',
    "error at addons.ingress: a fixed address for the ingress needs 'metallb': add it, or delete this",
  ],
  [
    'a fixed address of the ingress outside of its pool',
    `${metallb('mode: l2')}\naddons: { ingress: { controller: traefik, pool: lan, addresses: [192.168.10.5] } }`,
    "error at addons.ingress.addresses[0]: '192.168.10.5' is not in the pool 'lan': take an address of a pool",
  ],
  [
    'an issuer of two kinds',
    'addons: { certManager: { issuers: [{ name: a, selfSigned: {}, ca: { secret: b } }] } }',
    "error at addons.certManager.issuers[0].ca: the issuer 'a' has 'selfSigned' and 'ca': keep one",
  ],
  [
    'an issuer of no kind',
    'addons: { certManager: { issuers: [{ name: a }] } }',
    "error at addons.certManager.issuers[0]: the issuer 'a' does not say how: add one of 'selfSigned', 'ca', 'acme', 'vault'",
  ],
  [
    'Vault without a login',
    'addons: { certManager: { issuers: [{ name: a, vault: { server: "https://vault.example.net", path: pki/sign/a } }] } }',
    "error at addons.certManager.issuers[0].vault: the login to Vault does not say how: add one of 'kubernetes', 'appRole', 'tokenSecret'",
  ],
  [
    'proof by HTTP without an ingress',
    'addons: { ingress: none, certManager: { issuers: [{ name: a, acme: { email: a@example.net } }] } }',
    "error at addons.certManager.issuers[0].acme: proof by HTTP needs an ingress: add 'dns01', or set 'addons.ingress' to 'traefik'",
  ],
  [
    'a dashboard with a certificate of nobody',
    'addons: { headlamp: { host: ui.example.net, issuer: le } }',
    "error at addons.headlamp.issuer: there is no issuer 'le': add it first",
  ],
  [
    'charts without the controller that installs them',
    'k3s: { version: v1.36.2+k3s1, config: { disable-helm-controller: true } }\naddons: { headlamp: {} }',
    "error at addons.headlamp: 'addons.headlamp' is installed by the Helm controller of k3s: delete 'disable-helm-controller', or this",
  ],
  [
    'ServiceLB beside a MetalLB that takes all services',
    metallb('serviceLB: true'),
    "error at metallb.serviceLB: ServiceLB and MetalLB would take the same services: set 'metallb.loadBalancerClass', such as example.net/metallb, for those of MetalLB to name",
  ],
  [
    'several solvers and one beside them',
    'addons: { certManager: { issuers: [{ name: a, acme: { email: a@example.net, dns01: { x: {} }, solvers: [{ http01: {} }] } }] } }',
    "error at addons.certManager.issuers[0].acme.dns01: beside 'solvers' it has no effect: make it one of them, or delete it",
  ],
  [
    'a patch without a value',
    'patches: [{ kind: A, name: a, operations: [{ op: add, path: /a }] }]',
    "error at patches[0].operations[0].op: 'add' needs a 'value': add it, or use 'remove'",
  ],
  [
    'a folder of an external server that is to be adopted',
    'nfs: { adopt: true, external: { server: nas.example.net, path: /export } }',
    "error at nfs.adopt: 'nfs.adopt' is of the host with the role 'nfs': delete it",
  ],
  [
    'two NFS servers',
    'nfs: { external: { server: nas.example.net, path: /export } }',
    "error at hosts[3].roles[0]: 'nas' is an NFS server, and so is 'nas.example.net' of 'nfs.external': take the role away, or delete 'external'",
  ],
];

function metallb(settings: string, more = ''): string {
  const addresses = settings.includes('mode: bgp') ? '10.99.8.0/26' : '192.168.10.200-192.168.10.220';
  return `metallb: { pools: [{ name: lan, addresses: [${addresses}] }${more}], ${settings} }`;
}

function bgp(settings: string, peers = '{ name: r, asn: 2, address: 192.168.10.1 }'): string {
  return `bgp: { asn: 1, peers: [${peers}]${settings && `, ${settings}`} }`;
}

test.each(cases)('%s is reported at its place', (name, sections, issue) => {
  const hosts = /NFS/.test(name) ? ['{ name: nas, address: 192.168.10.40, roles: [nfs] }'] : [];
  expect(issuesWith(sections, hosts)).toEqual([issue]);
});

test('a digest for an image that no manifest names is reported with what was meant', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const [issue = ''] = issuesWith(`images: { digests: { quay.io/metallb/controler: '${digest}' } }`);
  expect(issue).toContain("there is no image 'quay.io/metallb/controler'");
});
