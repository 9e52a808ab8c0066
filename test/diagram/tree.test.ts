import { diagramTree } from '../../src/diagram/tree';
import { examples, topologyOf } from '../support/examples';
import { topologyWith } from '../support/topology';

test('the reference cluster', () => {
  expect(diagramTree(topologyOf('cluster.yaml')).join('\n')).toMatchInlineSnapshot(`
"homelab
├─ API: virtual IP 192.168.10.5 :6443
│  ├─ server1   192.168.10.11
│  ├─ server2   192.168.10.12
│  └─ server3   192.168.10.13
├─ agents
│  ├─ agent1    192.168.10.21
│  └─ agent2    192.168.10.22
├─ Postgres, NFS
│  └─ storage1  192.168.10.10
└─ MetalLB: LoadBalancer services
   └─ lan: 192.168.10.200–192.168.10.220"
`);
});

test.each(examples)('%s has every host in it, and fits a terminal', (_, file) => {
  const topology = topologyOf(file);
  const lines = diagramTree(topology);
  const absent = topology.hosts.filter(({ name }) => !lines.some((line) => line.includes(`─ ${name} `)));
  expect(absent).toEqual([]);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test('many hosts whose names count up are a line', () => {
  const hosts = Array.from(
    { length: 100 },
    (_, i) => `{ name: node${i}, address: 192.168.10.${i + 100}, roles: [agent] }`,
  );
  const lines = diagramTree(topologyWith('', hosts));
  expect(lines.length).toBeLessThan(20);
  expect(lines).toContainEqual(expect.stringMatching(/^│ {2}└─ node\[0-99\] +192\.168\.10\.\[100-199\]$/));
});
