import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { ClusterAccess } from '../../src/kubeconfig/cluster-access';
import { mergeKubeconfig } from '../../src/kubeconfig/merge';

const lab: ClusterAccess = {
  name: 'lab',
  server: 'https://10.0.0.5:6443',
  authority: 'bGFiLWNh',
  user: { 'client-certificate-data': 'bGFiLWNlcnQ=', 'client-key-data': 'bGFiLWtleQ==' },
};

/** As kubectl writes it, with a comment of a person. */
const work = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: d29yaw==
    server: https://work.example.net:6443
  name: work
contexts:
# the one with the databases
- context:
    cluster: work
    namespace: databases
    user: work-admin
  name: work
current-context: work
kind: Config
preferences: {}
users:
- name: work-admin
  user:
    exec: { apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never }
`;

test('a cluster comes into a file that is not there or empty, as the current context', () => {
  for (const existing of [undefined, '', '\n']) {
    const { text, context, currentContext } = mergeKubeconfig(existing, lab);
    expect({ context, currentContext }).toEqual({ context: 'added', currentContext: 'lab' });
    expect(parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'lab', cluster: { server: lab.server, 'certificate-authority-data': lab.authority } },
      ],
      users: [{ name: 'lab', user: lab.user }],
      contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
      'current-context': 'lab',
    });
  }
});

test('beside other contexts every line of them stays, comments and the current context too', () => {
  const { text, context, currentContext } = mergeKubeconfig(work, lab);
  expect({ context, currentContext }).toEqual({ context: 'added', currentContext: 'work' });
  const lines = text.split('\n');
  expect(work.split('\n').filter((line) => !lines.includes(line))).toEqual([]);
  expect(parse(text).contexts).toEqual([
    { name: 'work', context: { cluster: 'work', namespace: 'databases', user: 'work-admin' } },
    { name: 'lab', context: { cluster: 'lab', user: 'lab' } },
  ]);
});

test('a file in JSON, as some tools write it, is merged too', () => {
  const { text } = mergeKubeconfig(JSON.stringify(parse(work)), lab);
  expect(parse(text).users.map(({ name }: { name: string }) => name)).toEqual(['work-admin', 'lab']);
});

test('a second merge changes not a byte', () => {
  const once = mergeKubeconfig(work, lab).text;
  expect(mergeKubeconfig(once, lab)).toEqual({ text: once, context: 'unchanged', currentContext: 'work' });
});

test('new credentials of the same cluster are an update that keeps the namespace of the context', () => {
  const once = mergeKubeconfig(work, lab).text.replace(
    'cluster: lab\n',
    'cluster: lab\n    namespace: mine\n',
  );
  const renewed = {
    ...lab,
    server: 'https://10.0.0.6:6443',
    user: { ...lab.user, 'client-key-data': 'bmV3' },
  };
  const { text, context } = mergeKubeconfig(once, renewed);
  expect(context).toBe('updated');
  const { clusters, users, contexts } = parse(text);
  expect(clusters[1].cluster.server).toBe('https://10.0.0.6:6443');
  expect(users[1].user).toEqual(renewed.user);
  expect(contexts[1].context.namespace).toBe('mine');
});

test('a context of our name that pointed to another cluster is replaced, with a warning', () => {
  const once = mergeKubeconfig(work, { ...lab, authority: 'b3RoZXI=' }).text;
  const { text, context } = mergeKubeconfig(once, lab);
  expect(context).toBe('replaced');
  expect(parse(text).clusters[1].cluster['certificate-authority-data']).toBe(lab.authority);
});

test.each([
  [
    'cluster',
    work.replace('name: work\ncontexts', 'name: lab\ncontexts').replace('cluster: work', 'cluster: lab'),
  ],
  ['user', work.replaceAll('work-admin', 'lab')],
])('a %s of our name that another context uses is not taken from it', (_, existing) => {
  expect(() => mergeKubeconfig(existing, lab)).toThrow("has a context 'work' that uses 'lab'");
});

test.each([
  ['clusters: [', 'is not valid YAML'],
  ['just a word', 'is not a kubeconfig'],
  ['contexts: { a: b }', "'contexts' is not a plain list"],
  ['clusters: hello', "'clusters' is not a plain list"],
  ['users: &a [{ name: b }]\ncontexts: *a', "'contexts' is not a plain list"],
  [`a: &a [1]\nb: [${'*a, '.repeat(200)}]`, 'its aliases cannot be resolved'],
])('a file that is no kubeconfig is refused: %s', (existing, message) => {
  expect(() => mergeKubeconfig(existing, lab)).toThrow(message);
});

test('entries that are nothing stay, and do no harm', () => {
  const { text, context } = mergeKubeconfig('clusters: [null]\nusers: [null]\ncontexts: [null, x]\n', lab);
  expect(context).toBe('added');
  expect(parse(text).contexts).toEqual([
    null,
    'x',
    { name: 'lab', context: { cluster: 'lab', user: 'lab' } },
  ]);
});

test('whatever the file has in its lists, it is merged or rejected with a message', () => {
  const name = fc.constantFrom('lab', 'work', null, 1, {}, []);
  const member = fc.oneof(
    fc.constantFrom(null, 'x', 1, [], {}),
    fc.record({ cluster: name, user: name, namespace: name }),
  );
  const item = fc.oneof(
    fc.constantFrom<unknown>(null, 'lab', 1, [], [null]),
    fc.record({ name, cluster: member, user: member, context: member }, { requiredKeys: [] }),
  );
  const list = fc.oneof(fc.array(item, { maxLength: 3 }), fc.constantFrom<unknown>(null, {}, 'x', 1));
  const file = fc.record(
    { clusters: list, users: list, contexts: list, 'current-context': name },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(file, (content) => {
      try {
        const { text } = mergeKubeconfig(stringify(content), lab);
        expect(parse(text).contexts).toContainEqual(expect.objectContaining({ name: 'lab' }));
      } catch (error) {
        expect((error as Error).message).toMatch(/^(is not a kubeconfig|has a context )/);
      }
    }),
    { seed: 20261128, numRuns: 300, interruptAfterTimeLimit: 2000 },
  );
});
