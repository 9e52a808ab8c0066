import { agentSecrets, secretFiles, serverSecrets } from '../../src/model/secrets';
import { clusterYaml, Project } from '../support/project';

test('lists every file of every step', () => {
  const topology = new Project(clusterYaml({ servers: ['server1'] })).topology();
  expect(secretFiles(topology)).toMatchInlineSnapshot(`
[
  "secrets/k3s-token",
  "secrets/k3s-agent-token",
  "secrets/database-ca.key",
  "secrets/database-ca.crt",
  "secrets/hosts/server1/k3s/token",
  "secrets/hosts/storage1/backup/token",
  "secrets/hosts/server1/k3s/agent-token",
  "secrets/agents/k3s/token",
  "secrets/hosts/storage1/database/ca.crt",
  "secrets/hosts/storage1/database/server.crt",
  "secrets/hosts/storage1/database/server.key",
  "secrets/hosts/server1/k3s/datastore-ca.crt",
  "secrets/hosts/server1/k3s/datastore-client.crt",
  "secrets/hosts/server1/k3s/datastore-client.key",
]
`);
});

test('a cluster without agents needs no folder for them', () => {
  const topology = new Project(clusterYaml({ agents: 0 })).topology();
  expect(secretFiles(topology).join()).not.toContain(agentSecrets().folder);
});

test('the hash of a private key never triggers a step', () => {
  const { hashed, key } = serverSecrets({ name: 'server1' });
  expect(hashed).not.toContain(key);
});
