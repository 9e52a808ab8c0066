import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { synthCluster } from '../../src/cluster/cluster-app';
import { override } from '../../src/cluster/helm/helm-chart';
import { objectsChart } from '../../src/cluster/helm/late-objects';
import type { Manifest } from '../../src/config/objects/manifest';
import { byId, idOf, manifestsOf, podOf } from '../support/manifests';
import { topologyWith } from '../support/topology';

function manifests(sections: string): Manifest[] {
  return manifestsOf(synthCluster(topologyWith(sections)).files);
}

function valuesOf(all: readonly Manifest[], id: string): Record<string, unknown> {
  return parse((byId(all, id) as { spec?: { valuesContent: string } }).spec?.valuesContent ?? '');
}

const metallb = 'metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }] }';

test("k3s's own Traefik needs no manifest", () => {
  expect(manifests('addons: { ingress: traefik }')).toEqual([]);
  expect(manifests('addons: { ingress: none }')).toEqual([]);
});

test("Traefik's address is pinned by annotations for MetalLB, beside the user's own values", () => {
  const all = manifests(
    `${metallb}\naddons: { ingress: { controller: traefik, pool: lan, addresses: [192.168.10.201], values: { service: { spec: { externalTrafficPolicy: Local } } } } }`,
  );
  expect(byId(all, 'HelmChartConfig/traefik').metadata.namespace).toBe('kube-system');
  expect(valuesOf(all, 'HelmChartConfig/traefik')).toEqual({
    service: {
      annotations: {
        'metallb.io/address-pool': 'lan',
        'metallb.io/loadBalancerIPs': '192.168.10.201',
      },
      spec: { externalTrafficPolicy: 'Local' },
    },
  });
});

test('charts come from their repository at a pinned version, or in air gap from the servers', () => {
  const addons = 'addons: { certManager: {}, headlamp: { version: 0.44.0 } }';
  const connected = manifests(addons);
  expect(byId(connected, 'HelmChart/cert-manager').spec).toMatchObject({
    chart: 'cert-manager',
    repo: 'https://charts.jetstack.io',
    version: 'v1.21.2',
    targetNamespace: 'cert-manager',
  });
  const sections = `k3s: { version: v1.36.2+k3s1, artifacts: ./artifacts }\n${addons}`;
  const { spec } = byId(manifests(sections), 'HelmChart/headlamp') as { spec?: Record<string, unknown> };
  expect(spec).toMatchObject({ chart: 'https://%{KUBERNETES_API}%/static/charts/headlamp-0.44.0.tgz' });
  expect(spec).not.toHaveProperty('repo');
  expect(topologyWith(sections).charts['cert-manager']?.archive).toBe('cert-manager-v1.21.2.tgz');
});

const everyChart = `k3s: { version: VERSION }
metallb:
  mode: bgp
  pools: [{ name: lan, addresses: [172.20.0.0/24] }]
  bgp: { asn: 64512, backend: frr-k8s, peers: [{ name: router, address: 192.168.10.1, asn: 64513 }] }
addons: { certManager: { issuers: [{ name: own, selfSigned: {} }] }, headlamp: {} }`;

test.each(['v1.36.2+k3s1', 'v1.36.5+k3s1'])(
  'a failed upgrade never uninstalls a chart, and takes its CRDs along, with k3s %s',
  (version) => {
    const charts = manifests(everyChart.replace('VERSION', version)).filter(
      ({ kind, metadata }) => kind === 'HelmChart' && metadata.name !== 'cert-manager-issuers',
    );
    expect(charts.map(({ metadata }) => metadata.name).sort()).toEqual([
      'cert-manager',
      'frr-k8s',
      'headlamp',
    ]);
    for (const { spec } of charts) expect((spec as Spec).failurePolicy).toMatch(/^(abort|retry)$/);
  },
);

interface Spec {
  readonly failurePolicy?: string;
  readonly forceConflicts?: boolean;
}

test('a k3s whose Helm controller can try again does so, issuers included, and its charts win over changes of others', () => {
  const charts = manifests(everyChart.replace('VERSION', 'v1.36.5+k3s1')).filter(
    ({ kind }) => kind === 'HelmChart',
  );
  expect(charts.length).toBe(4);
  for (const { spec } of charts) expect(spec).toMatchObject({ failurePolicy: 'retry', forceConflicts: true });
});

test('a k3s that cannot retry gets no field that it would reject, and issuers that are created again by themselves', () => {
  const all = manifests(everyChart.replace('VERSION', 'v1.36.2+k3s1'));
  for (const { kind, spec } of all)
    if (kind === 'HelmChart') expect(spec).not.toHaveProperty('forceConflicts');
  expect(byId(all, 'HelmChart/cert-manager-issuers').spec).not.toHaveProperty('failurePolicy');
  // What fails after an install would leave it stopped for good.
  expect(valuesOf(all, 'HelmChart/cert-manager')).toMatchObject({ startupapicheck: { enabled: false } });
});

test('charts pull from the mirror', () => {
  const all = manifests(
    'addons: { certManager: {}, headlamp: {} }\nimages: { mirror: registry.example.net:5000/a }',
  );
  expect(valuesOf(all, 'HelmChart/cert-manager')).toMatchObject({
    imageRegistry: 'registry.example.net:5000/a',
  });
  expect(valuesOf(all, 'HelmChart/headlamp')).toMatchObject({
    image: { registry: 'registry.example.net:5000/a' },
  });
});

test('several solvers are those of the issuer, and an issuer in manifests serves the dashboard', () => {
  const all = manifests(`
addons:
  certManager:
    issuers:
      - { name: both, acme: { email: me@example.net, solvers: [{ selector: { dnsZones: [example.net] }, dns01: { webhook: {} } }, { http01: { ingress: { ingressClassName: traefik } } }] } }
  headlamp: { host: headlamp.example.net, issuer: own }
manifests:
  - { apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: { name: own }, spec: { selfSigned: {} } }
`);
  const { objects } = valuesOf(all, 'HelmChart/cert-manager-issuers') as { objects: Manifest[] };
  expect(objects[0]?.spec).toMatchObject({
    acme: {
      solvers: [
        { selector: { dnsZones: ['example.net'] }, dns01: { webhook: {} } },
        { http01: { ingress: { ingressClassName: 'traefik' } } },
      ],
    },
  });
});

test('issuers are delivered by a release of their own, which Helm repeats until cert-manager is there', () => {
  const all = manifests(`
addons:
  certManager:
    issuers:
      - { name: self, selfSigned: {} }
      - { name: ca, ca: { secret: ca-key } }
      - { name: http, acme: { email: me@example.net } }
      - { name: dns, acme: { email: me@example.net, server: https://acme.example.net/dir, dns01: { cloudflare: { apiTokenSecretRef: { name: a, key: b } } } } }
      - { name: vault, vault: { server: 'https://vault.example.net', path: pki/sign/a, kubernetes: { role: r } } }
      - { name: role, vault: { server: 'https://vault.example.net', path: pki/sign/a, appRole: { roleId: i, secret: { name: a, key: b } } } }
`);
  expect(all.map(idOf)).toEqual([
    'Namespace/cert-manager',
    'NetworkPolicy/ingress',
    'HelmChart/cert-manager',
    'HelmChart/cert-manager-issuers',
  ]);
  const { objects } = valuesOf(all, 'HelmChart/cert-manager-issuers') as { objects: Manifest[] };
  expect(objects.map(idOf)).toEqual([
    'ClusterIssuer/self',
    'ClusterIssuer/ca',
    'ClusterIssuer/http',
    'ClusterIssuer/dns',
    'ServiceAccount/vault-issuer',
    'Role/vault-issuer',
    'RoleBinding/vault-issuer',
    'ClusterIssuer/vault',
    'ClusterIssuer/role',
  ]);
  const specs = objects.filter(({ kind }) => kind === 'ClusterIssuer').map(({ spec }) => spec);
  expect(specs).toMatchInlineSnapshot(`
[
  {
    "selfSigned": {},
  },
  {
    "ca": {
      "secretName": "ca-key",
    },
  },
  {
    "acme": {
      "email": "me@example.net",
      "privateKeySecretRef": {
        "name": "http-account",
      },
      "server": "https://acme-v02.api.letsencrypt.org/directory",
      "solvers": [
        {
          "http01": {
            "ingress": {
              "ingressClassName": "traefik",
            },
          },
        },
      ],
    },
  },
  {
    "acme": {
      "email": "me@example.net",
      "privateKeySecretRef": {
        "name": "dns-account",
      },
      "server": "https://acme.example.net/dir",
      "solvers": [
        {
          "dns01": {
            "cloudflare": {
              "apiTokenSecretRef": {
                "key": "b",
                "name": "a",
              },
            },
          },
        },
      ],
    },
  },
  {
    "vault": {
      "auth": {
        "kubernetes": {
          "mountPath": "/v1/auth/kubernetes",
          "role": "r",
          "serviceAccountRef": {
            "name": "vault-issuer",
          },
        },
      },
      "path": "pki/sign/a",
      "server": "https://vault.example.net",
    },
  },
  {
    "vault": {
      "auth": {
        "appRole": {
          "path": "approle",
          "roleId": "i",
          "secretRef": {
            "key": "b",
            "name": "a",
          },
        },
      },
      "path": "pki/sign/a",
      "server": "https://vault.example.net",
    },
  },
]
`);
});

test('without issuers there is no release for them', () => {
  expect(manifests('addons: { certManager: {} }').map(idOf)).toEqual([
    'Namespace/cert-manager',
    'NetworkPolicy/ingress',
    'HelmChart/cert-manager',
  ]);
});

test('the chart of late objects is the one that its description shows', () => {
  const tar = gunzipSync(Buffer.from(objectsChart, 'base64')).toString('latin1');
  const files: Record<string, string> = {};
  for (let at = 0; tar.charCodeAt(at) !== 0; ) {
    const name = tar.slice(at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.slice(at + 124, at + 136), 8);
    files[name] = tar.slice(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  expect(files).toEqual({
    'objects/Chart.yaml': 'apiVersion: v2\nname: objects\nversion: 1.0.0\n',
    'objects/templates/objects.yaml': '{{- range .Values.objects }}\n---\n{{ toYaml . }}\n{{- end }}\n',
  });
});

test('the webhook of cert-manager runs twice where there are several nodes', () => {
  expect(valuesOf(manifests('addons: { certManager: {} }'), 'HelmChart/cert-manager')).toMatchObject({
    webhook: { replicaCount: 2, podDisruptionBudget: { enabled: true, minAvailable: 1 } },
  });
});

test("Headlamp has no permissions, whatever the chart's default", () => {
  const values = valuesOf(manifests('addons: { headlamp: {} }'), 'HelmChart/headlamp');
  expect(values).toMatchObject({ clusterRoleBinding: { create: false } });
  expect(values).not.toHaveProperty('ingress');
});

test('Headlamp is served under its name, with a certificate of the issuer', () => {
  const all = manifests(
    'addons: { headlamp: { host: ui.example.net, issuer: self }, certManager: { issuers: [{ name: self, selfSigned: {} }] } }',
  );
  expect(valuesOf(all, 'HelmChart/headlamp')).toMatchObject({
    ingress: {
      enabled: true,
      ingressClassName: 'traefik',
      hosts: [{ host: 'ui.example.net' }],
      annotations: { 'cert-manager.io/cluster-issuer': 'self' },
      tls: [{ hosts: ['ui.example.net'], secretName: 'headlamp-tls' }],
    },
  });
});

test('values of the user win, map by map', () => {
  expect(override({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, e: null })).toEqual({
    a: { b: 1, c: [3] },
    d: 1,
    e: null,
  });
});

test('the system-upgrade-controller comes without plans', () => {
  const all = manifests('addons: { systemUpgrade: true }');
  expect(all.map(({ kind }) => kind)).not.toContain('Plan');
  const env = podOf(byId(all, 'Deployment/system-upgrade-controller'))?.containers[0]?.env ?? [];
  const kubectl = env.find(({ name }) => name === 'SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE')?.value;
  expect(kubectl).toMatch(/^docker\.io\/rancher\/kubectl:v/);
});
