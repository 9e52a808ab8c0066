import { appliedObjects } from '../../src/kubectl/applied-objects';
import { objectsOf } from '../../src/kubectl/objects';
import { podTrouble } from '../../src/kubectl/pod-trouble';
import { pendingWorkloads, readyNodes, type WorkloadObject, workloadsOf } from '../../src/kubectl/rollout';

const dist = objectsOf([
  '# a comment\napiVersion: v1\nkind: Namespace\nmetadata: { name: web }\n---\n',
  `kind: Deployment
metadata: { name: web, namespace: web }
---
kind: DaemonSet
metadata: { name: speaker, namespace: metallb-system }
---
kind: HelmChart
metadata: { name: cert-manager, namespace: kube-system }
`,
]);

test('of dist, what has something to start is waited for; a chart by its job', () => {
  expect(workloadsOf(dist)).toEqual([
    { kind: 'Deployment', namespace: 'web', name: 'web' },
    { kind: 'DaemonSet', namespace: 'metallb-system', name: 'speaker' },
    { kind: 'Job', namespace: 'kube-system', name: 'helm-install-cert-manager' },
  ]);
});

const deployment = (status: object, generation = 2): WorkloadObject => ({
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'web', generation },
  spec: { replicas: 2 },
  status: { observedGeneration: 2, ...status },
});
const daemonSet = (status: object): WorkloadObject => ({
  kind: 'DaemonSet',
  metadata: { name: 'speaker', namespace: 'metallb-system', generation: 1 },
  status: { observedGeneration: 1, ...status },
});
const job = (status: object): WorkloadObject => ({
  kind: 'Job',
  metadata: { name: 'helm-install-cert-manager', namespace: 'kube-system' },
  status: { ...status },
});

test('a node that is off keeps no DaemonSet from being up', () => {
  const node = (name: string, status: string): WorkloadObject => ({
    kind: 'Node',
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status }] },
  });
  const speakers = (available: number) =>
    daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: available });
  const nodes = [node('server1', 'True'), node('agent1', 'True'), node('agent2', 'Unknown')];
  const pending = (available: number) =>
    pendingWorkloads(
      [{ kind: 'DaemonSet', namespace: 'metallb-system', name: 'speaker' }],
      [...nodes, speakers(available)],
    );
  expect(pending(2)).toEqual([]);
  expect(pending(1)).toMatchObject([{ state: '1 of 3 ready' }]);
});

test.each<[string, WorkloadObject[], string | undefined]>([
  ['is not there', [], 'not started'],
  [
    'is not seen by its controller',
    [deployment({ updatedReplicas: 2, availableReplicas: 2 }, 3)],
    'not observed by its controller yet',
  ],
  [
    'has too few pods',
    [deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 1 })],
    '1 of 2 ready',
  ],
  ['has old pods', [deployment({ replicas: 3, updatedReplicas: 2, availableReplicas: 2 })], '2 of 2 ready'],
  ['is up', [deployment({ replicas: 2, updatedReplicas: 2, availableReplicas: 2 })], undefined],
])('a Deployment that %s', (_, found, state) => {
  const [pending] = pendingWorkloads([{ kind: 'Deployment', namespace: 'web', name: 'web' }], found);
  expect(pending?.state).toBe(state);
});

test.each<[string, WorkloadObject, string | undefined]>([
  [
    'a DaemonSet short of a node',
    daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }),
    '2 of 3 ready',
  ],
  [
    'a DaemonSet on all nodes',
    daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }),
    undefined,
  ],
  ['a job that runs', job({ active: 1 }), 'running'],
  ['a job that has failed', job({ failed: 2 }), 'failed 2 times, will be retried'],
  ['a job that is done', job({ succeeded: 1, failed: 2 }), undefined],
])('%s', (_, object, state) => {
  const { kind, metadata } = object;
  const [pending] = pendingWorkloads([{ kind, namespace: 'x', ...metadata }], [object]);
  expect(pending?.state).toBe(state);
});

test('only nodes that say so are ready', () => {
  const node = (name: string, type: string, status: string): WorkloadObject => ({
    kind: 'Node',
    metadata: { name },
    status: { conditions: [{ type, status }] },
  });
  const nodes = [
    node('a', 'Ready', 'True'),
    node('b', 'Ready', 'Unknown'),
    node('c', 'DiskPressure', 'True'),
  ];
  expect(readyNodes(nodes)).toBe(1);
});

test('pods that do not run say why: what they wait for, or that no node takes them', () => {
  const pod = (name: string, status: object) => ({ metadata: { name, namespace: 'web' }, status });
  const waiting = (reason: string, message?: string) => ({
    containerStatuses: [{ name: 'web', state: { waiting: { reason, message } } }],
  });
  const pods = [
    pod('web-1', waiting('ImagePullBackOff', 'no such host')),
    pod('web-2', waiting('ContainerCreating')),
    pod('web-3', {
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
    }),
    pod('other-1', waiting('CrashLoopBackOff')),
  ];
  expect(podTrouble({ kind: 'Deployment', namespace: 'web', name: 'web' }, pods)).toEqual([
    'web-1: ImagePullBackOff: no such host',
    'web-3: 0/3 nodes are available',
  ]);
});

test('what kubectl did is read from what it prints', () => {
  const output = `namespace/web unchanged
deployment.apps/web configured (server dry run)
service/web created
configmap/old pruned
serviceaccount/x serverside-applied`;
  expect(appliedObjects(output)).toEqual([
    { object: 'deployment.apps/web', change: 'configured' },
    { object: 'service/web', change: 'created' },
    { object: 'configmap/old', change: 'pruned' },
  ]);
});
