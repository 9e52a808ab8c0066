import { synthCluster } from '../../src/cluster/cluster-app';
import type { Manifest } from '../../src/config/objects/manifest';
import { KubernetesSchemas, newestMinor, oldestMinor } from '../../src/kubernetes/schemas';
import { isCustom, violationsOfCustom } from '../support/custom-resource-schema';
import { violationsOfHelm } from '../support/helm-schema';
import { documentsOf, idOf, manifestsOf, podOf } from '../support/manifests';
import { topologyWith } from '../support/topology';
import { clusters, external, pools } from './every-kind';

const made = clusters.map(
  ([name, sections, userCharts]) => [name, synthCluster(topologyWith(sections), userCharts)] as const,
);

/** Each cluster's objects in the order of the apply. */
const all = made.map(([name, { files }]) => [name, manifestsOf(files)] as const);

const clusterScoped = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'CSIDriver',
  'Namespace',
  'StorageClass',
  'ValidatingWebhookConfiguration',
]);

test.each(all)(
  'every object of %s fits the schema of its kind in each release of Kubernetes',
  (_, manifests) => {
    const releases = Array.from({ length: newestMinor - oldestMinor + 1 }, (_, index) => oldestMinor + index);
    const violations = releases.flatMap((minor) => {
      const schemas = new KubernetesSchemas(`v1.${minor}.1+k3s1`);
      return manifests.flatMap((manifest) =>
        schemas.knows(manifest.apiVersion, manifest.kind)
          ? schemas.check(manifest).map((finding) => ({ minor, id: idOf(manifest), ...finding }))
          : [{ minor, id: idOf(manifest), message: 'nobody knows its kind' }],
      );
    });
    expect(violations).toEqual([]);
  },
);

test.each(all)('custom resources of %s fit the rules of their CRDs, those in CEL too', (_, manifests) => {
  const violations = manifests.flatMap((manifest) => {
    const isHelm = manifest.apiVersion.startsWith('helm.cattle.io/');
    const found = isHelm
      ? violationsOfHelm(manifest, ['forceConflicts'])
      : isCustom(manifest)
        ? violationsOfCustom(manifest)
        : [];
    return found.map((violation) => `${idOf(manifest)}: ${violation}`);
  });
  expect(violations).toEqual([]);
});

test.each(all)('every object of %s can be identified and pruned by its labels', (_, manifests) => {
  for (const manifest of manifests) {
    expect({ id: idOf(manifest), ...manifest.metadata.labels }).toMatchObject({
      id: idOf(manifest),
      'app.kubernetes.io/managed-by': 'k3s-cdk',
      'app.kubernetes.io/name': expect.any(String),
      'app.kubernetes.io/part-of': 'test',
    });
  }
});

test.each(all)('what objects of %s live in comes before them', (_, manifests) => {
  const there = new Set(['kube-system']);
  for (const { kind, metadata } of manifests) {
    if (kind === 'Namespace') there.add(metadata.name);
    else if (clusterScoped.has(kind)) expect({ kind, ...metadata }).not.toHaveProperty('namespace');
    else expect([...there]).toContain(metadata.namespace);
  }
});

test.each(all)('no two objects of %s are the same, and no name has a hash', (_, manifests) => {
  const ids = manifests.map((manifest) => `${manifest.metadata.namespace} ${idOf(manifest)}`);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => /-c8[0-9a-f]{6}$/.test(id))).toEqual([]);
});

function containersOf(manifest: Manifest) {
  const pod = podOf(manifest);
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].map((container) => ({
    ...container,
    id: `${idOf(manifest)} ${container.name}`,
  }));
}

test.each(all)('every image of %s has a registry and a version', (_, manifests) => {
  for (const { id, image } of manifests.flatMap(containersOf)) {
    expect(`${id}: ${image}`).toMatch(
      /: [a-z0-9-]+(\.[a-z0-9-]+)+\/[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?(@sha256:[a-f0-9]{64})?$/,
    );
  }
});

test.each(all)(
  'every pod of %s has requests and a priority, and drops unneeded privileges',
  (_, manifests) => {
    for (const manifest of manifests.filter(podOf)) {
      const pod = podOf(manifest);
      for (const { name, resources } of pod?.containers ?? []) {
        expect({ id: idOf(manifest), name, ...resources?.requests }).toEqual({
          id: idOf(manifest),
          name,
          cpu: expect.any(String),
          memory: expect.any(String),
        });
      }
      for (const { securityContext } of pod?.containers ?? [])
        expect({ ...pod?.securityContext, ...securityContext }).toMatchObject({
          seccompProfile: { type: 'RuntimeDefault' },
        });
      const system = manifest.metadata.namespace !== 'example';
      if (system) expect(pod?.priorityClassName).toMatch(/^system-(node|cluster)-critical$/);
    }
  },
);

test.each(all)('pods of %s keep to the level of their namespace', (_, manifests) => {
  const levels = new Map(
    manifests
      .filter(({ kind }) => kind === 'Namespace')
      .map(({ metadata }) => [metadata.name, metadata.labels?.['pod-security.kubernetes.io/enforce']]),
  );
  for (const manifest of manifests.filter(podOf)) {
    const level = levels.get(manifest.metadata.namespace ?? '');
    if (level === 'privileged') continue;
    const pod = podOf(manifest);
    expect(pod?.hostNetwork ?? false).toBe(false);
    expect(JSON.stringify(pod?.volumes)).not.toContain('hostPath');
    if (level === 'restricted') expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true });
    for (const { securityContext } of pod?.containers ?? []) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
  }
});

test.each(all)('pods of %s can be reached where they listen, and nowhere else', (_, manifests) => {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  const namespaces = manifests
    .filter(({ kind }) => kind === 'Namespace')
    .map(({ metadata }) => metadata.name);
  expect(policies.map(({ metadata }) => metadata.namespace)).toEqual(namespaces);
  for (const { metadata, spec } of policies) {
    const { namespace } = metadata;
    const { ingress = [], ...rest } = spec as NetworkPolicySpec;
    expect(rest).toEqual({ podSelector: {}, policyTypes: ['Ingress'] });
    const open = ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
    const listening = manifests
      .filter(({ metadata }) => metadata.namespace === namespace)
      .flatMap((manifest) => podOf(manifest) ?? [])
      .filter(({ hostNetwork }) => !hostNetwork)
      .flatMap(({ containers }) => containers.flatMap(({ ports = [] }) => ports));
    for (const { name, containerPort } of listening)
      expect([namespace, name, open.includes(containerPort) || open.includes(name ?? '')]).toEqual([
        namespace,
        name,
        true,
      ]);
    // A rule without ports would let everything in.
    for (const { ports } of ingress) expect([namespace, ports.length]).not.toEqual([namespace, 0]);
  }
});

interface NetworkPolicySpec {
  readonly ingress?: readonly { readonly ports: readonly { readonly port: number | string }[] }[];
}

test.each(all)('selectors of %s pick the intended pods', (_, manifests) => {
  for (const manifest of manifests.filter(podOf)) {
    const { selector, template } = manifest.spec as {
      selector: { matchLabels: Record<string, string> };
      template: { metadata: { labels: Record<string, string> } };
    };
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  }
});

test.each(all)('every account that %s binds or runs as is there', (_, manifests) => {
  const accounts = manifests
    .filter(({ kind }) => kind === 'ServiceAccount')
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const bound = manifests
    .filter(({ kind }) => kind.endsWith('RoleBinding'))
    .flatMap(({ subjects }) => subjects as { namespace: string; name: string }[])
    .map(({ namespace, name }) => `${namespace}/${name}`);
  const running = manifests.flatMap((manifest) => {
    const account = podOf(manifest)?.serviceAccountName;
    return account === undefined ? [] : [`${manifest.metadata.namespace}/${account}`];
  });
  expect(accounts).toEqual(expect.arrayContaining([...bound, ...running]));
});

test('images have the digests of this tool, unless they come from archives or from a mirror that may have others', () => {
  const images = (sections: string) =>
    manifestsOf(synthCluster(topologyWith(`metallb: { ${pools} }\n${external} csi }\n${sections}`)).files)
      .flatMap(containersOf)
      .map(({ image }) => image);
  const own = `sha256:${'b'.repeat(64)}`;
  // Nobody whom this tool can ask has told the digests of this release yet.
  const byTag = images('').filter((image) => !/@sha256:[a-f0-9]{64}$/.test(image));
  expect(byTag).toEqual(['quay.io/metallb/controller:v0.16.2', 'quay.io/metallb/speaker:v0.16.2']);
  expect(images('k3s: { version: v1.36.2+k3s1, artifacts: artifacts }').join(' ')).not.toContain('@');
  expect(images('images: { mirror: registry.example.net }').join(' ')).not.toContain('@');
  expect(images(`images: { digests: { quay.io/metallb/speaker: '${own}' } }`)).toContain(
    `quay.io/metallb/speaker:v0.16.2@${own}`,
  );
});

test('mirror and digests apply to every image', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const { files } = synthCluster(
    topologyWith(`metallb: { ${pools} }\n${external} csi }
images: { mirror: 'registry.example.net:5000/a', digests: { quay.io/metallb/speaker: '${digest}' } }`),
  );
  const images = manifestsOf(files)
    .flatMap(containersOf)
    .map(({ image }) => image);
  expect(images.filter((image) => !image.startsWith('registry.example.net:5000/a/'))).toEqual([]);
  expect(images).toContain(`registry.example.net:5000/a/metallb/speaker:v0.16.2@${digest}`);
});

test('changing an address of a pool changes one line', () => {
  const files = (last: number) =>
    [
      ...synthCluster(
        topologyWith(`metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.${last}] }] }`),
      ).files,
    ]
      .map(([, text]) => text)
      .join('')
      .split('\n');
  const [before, after] = [files(220), files(225)];
  expect(after.filter((line, index) => line !== before[index])).toHaveLength(1);
});

test('the servers get a ManifestSet for kubectl to prune with', () => {
  const { crds, manifestSet } = synthCluster(topologyWith(''));
  expect(documentsOf(crds).map(idOf)).toEqual(['CustomResourceDefinition/manifestsets.k3s-cdk.internal']);
  expect(documentsOf(manifestSet).map(idOf)).toEqual(['ManifestSet/test']);
  // What kubectl 1.34 takes for this name, kind and group.
  expect(synthCluster({ ...topologyWith(''), name: 'homelab' }).manifestSet).toContain(
    'applyset-kETyoiAPQ5ykA-HWEW0JjgwirWI9oE4UnMjuCySATzk-v1',
  );
});
