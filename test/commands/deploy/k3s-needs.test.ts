import { missingForK3s } from '../../../src/commands/deploy/k3s-needs';
import { topologyWith } from '../../support/hosts-topology';

const storages = ['storage1', 'storage2'].map(
  (name, index) => `  - { name: ${name}, address: 192.168.10.10${index}, roles: [database] }\n`,
);
const nodes = ['server1', 'server2', 'agent1'].map(
  (name, index) =>
    `  - { name: ${name}, address: 192.168.10.11${index}, roles: [${name.replace(/\d/, '')}] }\n`,
);
const cluster = topologyWith(`hosts:\n${[...storages, ...nodes].join('')}`);

const primary = 'the database has no primary without most of its etcd hosts, storage1, storage2, server1';
const database = 'k3s does not start without its database, which is on storage1, storage2';

test.each([
  [['storage1'], []],
  [['server1', 'agent1'], []],
  [['storage1', 'server1'], [['storage1 server1', primary]]],
  [
    ['storage1', 'storage2'],
    [
      ['storage1 storage2', database],
      ['storage1 storage2', primary],
    ],
  ],
  [
    ['server1', 'server2'],
    [['server1 server2', 'k3s does not start on agents without a server, server1, server2']],
  ],
])('with two database hosts, when %p are off', (off, wanted) => {
  const found = missingForK3s(cluster, new Set(off)).map(({ hosts, reason }) => [
    hosts.map(({ name }) => name).join(' '),
    reason,
  ]);
  expect(found).toEqual(wanted);
});
