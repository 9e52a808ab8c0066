import { parse } from 'yaml';
import { synthCluster } from '../../src/cluster/cluster-app';
import { byId, manifestsOf } from '../support/manifests';
import { topologyWith } from '../support/topology';

const metallb = 'metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }] }';

function patched(patches: string) {
  return synthCluster(topologyWith(`${metallb}\npatches: ${patches}`));
}

test('a patch changes the object that it names, and nothing else', () => {
  const before = manifestsOf(synthCluster(topologyWith(metallb)).files);
  const after = manifestsOf(
    patched(
      '[{ kind: Deployment, name: controller, operations: [{ op: add, path: /spec/template/spec/containers/0/args/-, value: --webhook-http2 }, { op: remove, path: /spec/revisionHistoryLimit }] }]',
    ).files,
  );
  const id = 'Deployment/controller';
  expect(byId(after, id)).toMatchObject({
    spec: {
      template: { spec: { containers: [{ args: ['--port=9120', '--log-level=info', '--webhook-http2'] }] } },
    },
  });
  expect(byId(after, id).spec).not.toHaveProperty('revisionHistoryLimit');
  const others = (all: typeof before) => all.filter((each) => each.kind !== 'Deployment');
  expect(others(after)).toEqual(others(before));
});

test('a patch that cannot be applied is an error that says where it stands', () => {
  const patch = '{ kind: Deployment, name: controller, operations: [{ op: remove, path: /spec/a }] }';
  expect(() => patched(`[${patch}, ${patch}]`)).toThrow(
    /^patches\[0\]\.operations\[0\]\.path: .* has no '\/spec\/a'.*\npatches\[1\]\./,
  );
});

test('a patch leads into the values of a chart key by key', () => {
  const { files } = synthCluster(
    topologyWith(`addons: { certManager: { values: { crds: { keep: false } } } }
patches:
  - kind: HelmChart
    name: cert-manager
    operations:
      - { op: replace, path: /spec/valuesContent/webhook/replicaCount, value: 3 }
      - { op: add, path: /spec/valuesContent/prometheus, value: { enabled: false } }`),
  );
  const { valuesContent } = byId(manifestsOf(files), 'HelmChart/cert-manager').spec as {
    valuesContent: string;
  };
  expect(parse(valuesContent)).toMatchObject({
    crds: { enabled: true, keep: false },
    webhook: { replicaCount: 3, resources: { requests: { cpu: '10m' } } },
    prometheus: { enabled: false },
  });
});

test('the same patches twice give the same bytes', () => {
  const patches =
    '[{ kind: DaemonSet, name: speaker, operations: [{ op: add, path: /metadata/annotations, value: { a: b } }] }]';
  expect([...patched(patches).files]).toEqual([...patched(patches).files]);
});
