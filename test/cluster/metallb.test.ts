import { parse } from 'yaml';
import { synthCluster } from '../../src/cluster/cluster-app';
import type { Manifest } from '../../src/config/objects/manifest';
import { argoOrder, fluxStages } from '../support/gitops-order';
import { byId, type Container, idOf, manifestsOf, podOf } from '../support/manifests';
import { topologyWith } from '../support/topology';

const pools = 'pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }]';

function metallb(settings: string): Manifest[] {
  return manifestsOf(synthCluster(topologyWith(`metallb: { ${pools}, ${settings} }`)).files);
}

function container(manifests: readonly Manifest[], id: string, name: string): Container {
  const found = podOf(byId(manifests, id))?.containers.find((each) => each.name === name);
  if (!found) throw new Error(`${id} has no container ${name}`);
  return found;
}

function kinds(manifests: readonly Manifest[], group: string): Manifest[] {
  return manifests.filter(({ apiVersion }) => apiVersion.startsWith(`${group}/`));
}

test('in mode l2 every pool is announced from every node', () => {
  const specs = kinds(metallb('mode: l2'), 'metallb.io').map((each) => [idOf(each), each.spec]);
  expect(specs).toMatchInlineSnapshot(`
[
  [
    "IPAddressPool/lan",
    {
      "addresses": [
        "192.168.10.200-192.168.10.220",
      ],
      "autoAssign": true,
      "avoidBuggyIPs": false,
    },
  ],
  [
    "L2Advertisement/default",
    {},
  ],
]
`);
});

test('pools have what cluster.yaml says about them, and nothing that it leaves out', () => {
  const manifests = manifestsOf(
    synthCluster(
      topologyWith(`
metallb:
  pools:
    - { name: plain, addresses: [192.168.10.192/28] }
    - name: full
      addresses: [192.168.10.208/28, 'fd00::100-fd00::1ff']
      autoAssign: false
      avoidBuggyIPs: true
      labels: { net: lan }
      allocation:
        priority: 10
        namespaces: [web]
        serviceSelectors: [{ matchExpressions: [{ key: tier, operator: In, values: [front] }] }]
`),
    ).files,
  );
  expect(byId(manifests, 'IPAddressPool/plain').spec).toEqual({
    addresses: ['192.168.10.192/28'],
    autoAssign: true,
    avoidBuggyIPs: false,
  });
  expect(byId(manifests, 'IPAddressPool/full').metadata.labels).toMatchObject({ net: 'lan' });
  expect(byId(manifests, 'IPAddressPool/full').spec).toEqual({
    addresses: ['192.168.10.208/28', 'fd00::100-fd00::1ff'],
    autoAssign: false,
    avoidBuggyIPs: true,
    serviceAllocation: {
      priority: 10,
      namespaces: ['web'],
      serviceSelectors: [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }] }],
    },
  });
});

test('BGP peers, profiles, communities and advertisements become objects of their own', () => {
  const manifests = metallb(`mode: bgp, bgp: { asn: 64512, backend: frr-k8s,
    peers: [
      { name: r1, address: 192.168.10.1, asn: 64513, bfdProfile: fast, passwordSecret: r1, holdTime: 30s },
      { name: r2, interface: eth1, asn: external, myAsn: 64512, dualStack: true }
    ],
    bfdProfiles: [{ name: fast, receiveInterval: 150 }],
    communities: { no-export: '65535:65281' },
    advertisements: [{ name: main, pools: [lan], peers: [r1], communities: [no-export], localPref: 200 }] }`);
  const specs = kinds(manifests, 'metallb.io').map((each) => [idOf(each), each.spec]);
  expect(specs).toMatchInlineSnapshot(`
[
  [
    "IPAddressPool/lan",
    {
      "addresses": [
        "192.168.10.200-192.168.10.220",
      ],
      "autoAssign": true,
      "avoidBuggyIPs": false,
    },
  ],
  [
    "BFDProfile/fast",
    {
      "detectMultiplier": 3,
      "echoInterval": 50,
      "echoMode": false,
      "minimumTtl": 254,
      "passiveMode": false,
      "receiveInterval": 150,
      "transmitInterval": 300,
    },
  ],
  [
    "Community/communities",
    {
      "communities": [
        {
          "name": "no-export",
          "value": "65535:65281",
        },
      ],
    },
  ],
  [
    "BGPPeer/r1",
    {
      "bfdProfile": "fast",
      "holdTime": "30s",
      "myASN": 64512,
      "passwordSecret": {
        "name": "r1",
        "namespace": "metallb-system",
      },
      "peerASN": 64513,
      "peerAddress": "192.168.10.1",
      "peerPort": 179,
    },
  ],
  [
    "BGPPeer/r2",
    {
      "dualStackAddressFamily": true,
      "dynamicASN": "external",
      "interface": "eth1",
      "myASN": 64512,
      "peerPort": 179,
    },
  ],
  [
    "BGPAdvertisement/main",
    {
      "aggregationLength": 32,
      "aggregationLengthV6": 128,
      "communities": [
        "no-export",
      ],
      "ipAddressPools": [
        "lan",
      ],
      "localPref": 200,
      "peers": [
        "r1",
      ],
    },
  ],
]
`);
});

test('passwords of peers never pass through the manifests', () => {
  const manifests = metallb(
    'mode: bgp, bgp: { asn: 1, peers: [{ name: r1, address: 192.168.10.1, asn: 2, passwordSecret: r1 }] }',
  );
  expect(byId(manifests, 'BGPPeer/r1').spec).toMatchObject({
    passwordSecret: { name: 'r1', namespace: 'metallb-system' },
  });
  expect(manifests.filter(({ kind }) => kind === 'Secret').map(idOf)).toEqual([
    'Secret/metallb-webhook-cert',
  ]);
});

test('everything MetalLB checks is stored before its webhook is', () => {
  const ids = metallb('mode: l2').map(idOf);
  const webhook = ids.indexOf('ValidatingWebhookConfiguration/metallb-webhook-configuration');
  expect(ids.indexOf('Namespace/metallb-system')).toBe(0);
  expect(ids.indexOf('IPAddressPool/lan')).toBeLessThan(webhook);
  expect(ids.indexOf('L2Advertisement/default')).toBeLessThan(webhook);
  expect(ids.indexOf('Deployment/controller')).toBeLessThan(webhook);
});

test('so it is by Flux and Argo CD, which have an order of their own', () => {
  // A name after that of the webhook configuration: Argo CD takes kinds that it does not know by name.
  const objects = manifestsOf(
    synthCluster(
      topologyWith('metallb: { pools: [{ name: zone, addresses: [192.168.10.200-192.168.10.220] }] }'),
    ).files,
  );
  for (const order of [argoOrder(objects), fluxStages(objects).flat()]) {
    const kinds = order.map(({ kind }) => kind);
    const webhook = kinds.indexOf('ValidatingWebhookConfiguration');
    for (const kind of ['IPAddressPool', 'L2Advertisement'])
      expect(kinds.indexOf(kind)).toBeLessThan(webhook);
    expect(kinds.indexOf('Namespace')).toBe(0);
  }
});

test('the webhook lets unchanged objects pass, so that an apply works while the controller is away', () => {
  const { webhooks } = byId(
    metallb('mode: l2'),
    'ValidatingWebhookConfiguration/metallb-webhook-configuration',
  ) as unknown as { webhooks: { name: string; matchConditions: unknown[]; failurePolicy: string }[] };
  expect(webhooks.map(({ name }) => name)).toEqual([
    'bgppeersvalidationwebhook.metallb.io',
    'bfdprofilevalidationwebhook.metallb.io',
    'bgpadvertisementvalidationwebhook.metallb.io',
    'communityvalidationwebhook.metallb.io',
    'ipaddresspoolvalidationwebhook.metallb.io',
    'l2advertisementvalidationwebhook.metallb.io',
  ]);
  for (const each of webhooks) expect(each).toMatchObject({ failurePolicy: 'Fail', matchConditions: [{}] });
});

test('the controller creates the memberlist Secret, and the speakers read it', () => {
  const manifests = metallb('mode: l2');
  const controller = container(manifests, 'Deployment/controller', 'controller');
  expect(controller.env).toContainEqual({ name: 'METALLB_ML_SECRET_NAME', value: 'memberlist' });
  expect(controller.env).toContainEqual({ name: 'METALLB_DEPLOYMENT', value: 'controller' });
  expect(podOf(byId(manifests, 'DaemonSet/speaker'))?.volumes).toContainEqual({
    name: 'memberlist',
    secret: { secretName: 'memberlist', defaultMode: 0o644 },
  });
});

test('speakers find each other by the labels that they have', () => {
  const manifests = metallb('mode: l2');
  const { spec } = byId(manifests, 'DaemonSet/speaker') as {
    spec?: { selector: { matchLabels: Record<string, string> } };
  };
  const labels = Object.entries(spec?.selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const env = container(manifests, 'DaemonSet/speaker', 'speaker').env ?? [];
  const asked = env.find(({ name }) => name === 'METALLB_ML_LABELS')?.value?.split(',');
  expect(asked?.sort()).toEqual(labels.sort());
});

test('options of controller and speakers reach their command lines', () => {
  const manifests = metallb(
    'logLevel: debug, loadBalancerClass: example.net/metallb, speaker: { ignoreExcludeLB: true }',
  );
  expect(container(manifests, 'Deployment/controller', 'controller').args).toEqual([
    '--port=9120',
    '--log-level=debug',
    '--lb-class=example.net/metallb',
  ]);
  expect(container(manifests, 'DaemonSet/speaker', 'speaker').args).toEqual([
    '--port=9120',
    '--log-level=debug',
    '--lb-class=example.net/metallb',
    '--ignore-exclude-lb',
  ]);
});

test('a changed list of excluded interfaces restarts the speakers', () => {
  const annotations = (settings: string) =>
    JSON.stringify(byId(metallb(settings), 'DaemonSet/speaker').spec).match(
      /k3s-cdk\/configuration":"(\w+)/,
    )?.[1];
  expect(annotations('speaker: { excludeInterfaces: [^wg.*] }')).not.toBe(annotations('mode: l2'));
});

test('without excluded interfaces there is no ConfigMap for them, nor a volume', () => {
  const manifests = metallb('speaker: { excludeInterfaces: [] }');
  expect(manifests.map(idOf)).not.toContain('ConfigMap/metallb-excludel2');
  expect(JSON.stringify(podOf(byId(manifests, 'DaemonSet/speaker')))).not.toContain('excludel2');
});

const bgp = (backend: string) =>
  `mode: bgp, bgp: { asn: 1, backend: ${backend}, peers: [{ name: r1, address: 192.168.10.1, asn: 2 }] }`;

test('backend native: the speaker alone', () => {
  const pod = podOf(byId(metallb(bgp('native')), 'DaemonSet/speaker'));
  expect(pod?.containers.map(({ name }) => name)).toEqual(['speaker']);
  expect(JSON.stringify(pod)).not.toContain('METALLB_BGP_TYPE');
});

test('backend frr: FRR, its reloader and its metrics beside the speaker', () => {
  const manifests = metallb(bgp('frr'));
  const pod = podOf(byId(manifests, 'DaemonSet/speaker'));
  expect(pod?.initContainers?.map(({ name }) => name)).toEqual(['cp-frr-files', 'cp-reloader', 'cp-metrics']);
  expect(pod?.containers.map(({ name }) => name)).toEqual(['speaker', 'frr', 'reloader', 'frr-metrics']);
  expect(pod?.shareProcessNamespace).toBe(true);
  expect(byId(manifests, 'ConfigMap/frr-startup')).toMatchObject({
    data: { daemons: expect.stringContaining('bgpd=yes\nbfdd=yes\nospfd=no\n') },
  });
  for (const id of ['Deployment/controller', 'DaemonSet/speaker']) {
    expect(podOf(byId(manifests, id))?.containers[0]?.env).toContainEqual({
      name: 'METALLB_BGP_TYPE',
      value: 'frr',
    });
  }
});

test('every volume that a container mounts is in its pod, with every backend', () => {
  for (const backend of ['native', 'frr', 'frr-k8s']) {
    const pod = podOf(byId(metallb(bgp(backend)), 'DaemonSet/speaker'));
    const volumes = pod?.volumes?.map(({ name }) => name);
    const mounts = [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].flatMap(({ volumeMounts }) =>
      (volumeMounts as { name: string }[]).map(({ name }) => name),
    );
    expect(volumes).toEqual(expect.arrayContaining(mounts));
    expect(new Set(mounts)).toEqual(new Set(volumes));
  }
});

test('backend frr-k8s: its chart, and the right to write its configuration', () => {
  const manifests = metallb(bgp('frr-k8s'));
  expect(byId(manifests, 'HelmChart/frr-k8s').spec).toMatchObject({
    version: '0.0.27',
    targetNamespace: 'metallb-system',
    valuesContent: '{}\n',
  });
  expect(JSON.stringify(byId(manifests, 'ClusterRole/metallb-system:speaker'))).toContain(
    'frrconfigurations',
  );
});

test('a BGP password stays a reference: FRR is in the namespace of the Secret, and speakers use no other', () => {
  const manifests = metallb(`mode: bgp, bgp: { asn: 64512, backend: frr-k8s,
    peers: [{ name: r1, address: 192.168.10.1, asn: 64513, passwordSecret: r1 }] }`);
  const { passwordSecret } = byId(manifests, 'BGPPeer/r1').spec as { passwordSecret: unknown };
  const { targetNamespace } = byId(manifests, 'HelmChart/frr-k8s').spec as { targetNamespace: string };
  expect(passwordSecret).toEqual({ name: 'r1', namespace: targetNamespace });
  // With a namespace that is not their own, speakers copy the password into FRRConfigurations (speaker/main.go, 0.16.2).
  const speaker = byId(manifests, 'DaemonSet/speaker');
  expect(speaker.metadata.namespace).toBe(targetNamespace);
  expect(JSON.stringify(speaker)).not.toMatch(/frrk8s[_-]namespace/i);
});

test('FRR runs on the nodes on which speakers run', () => {
  const placed = metallb(`${bgp('frr-k8s')},
    speaker: { nodeSelector: { bgp: 'yes' }, tolerations: [{ key: edge, operator: Exists }] }`);
  const { valuesContent } = byId(placed, 'HelmChart/frr-k8s').spec as { valuesContent: string };
  expect(parse(valuesContent)).toEqual({
    frrk8s: { nodeSelector: { bgp: 'yes' }, tolerations: [{ key: 'edge', operator: 'Exists' }] },
  });
});

test('without metallb there is nothing of it', () => {
  const { files, crds } = synthCluster(topologyWith(''));
  expect([...files.keys()]).toEqual([]);
  expect(crds).not.toContain('metallb');
});
