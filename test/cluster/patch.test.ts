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

test.each([
  [
    'an object that is not there',
    '[{ kind: Deployment, name: speaker, operations: [{ op: remove, path: /spec }] }]',
    "patches[0]: Deployment 'speaker' is not in the manifests: take kind and name from a file in dist",
  ],
  [
    'an object of another namespace',
    '[{ kind: ServiceAccount, name: controller, namespace: other, operations: [{ op: remove, path: /metadata }] }]',
    "patches[0]: ServiceAccount 'controller' is not in the manifests: take kind and name from a file in dist",
  ],
  [
    'a path that is not there',
    '[{ kind: Deployment, name: controller, operations: [{ op: replace, path: /spec/replica, value: 2 }] }]',
    "patches[0]: Deployment 'controller' has no '/spec/replica': look at its file in dist",
  ],
  [
    'a parent that is not there',
    '[{ kind: Deployment, name: controller, operations: [{ op: add, path: /spec/a/b, value: 2 }] }]',
    "patches[0]: Deployment 'controller' cannot be changed so: look at its file in dist",
  ],
  [
    'a test that fails',
    '[{ kind: Deployment, name: controller, operations: [{ op: test, path: /spec/revisionHistoryLimit, value: 9 }] }]',
    "patches[0]: Deployment 'controller' cannot be changed so: look at its file in dist",
  ],
])('%s is an error that says what to do', (_, patches, message) => {
  expect(() => patched(patches)).toThrow(message);
});

test('the same patches twice give the same bytes', () => {
  const patches =
    '[{ kind: DaemonSet, name: speaker, operations: [{ op: add, path: /metadata/annotations, value: { a: b } }] }]';
  expect([...patched(patches).files]).toEqual([...patched(patches).files]);
});
