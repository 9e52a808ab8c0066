import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { authorizedKeys, namedKeys } from '../lab/identity';
import { clusterYaml, Project } from '../support/project';

test("keys that log in to a lab are found from cluster.yaml's folder, wherever it is started", () => {
  const project = new Project(clusterYaml().replace(/ssh: .*/, 'ssh: { user: pi, privateKey: keys/id }'));
  mkdirSync(project.path('keys'));
  writeFileSync(project.path('keys/id.pub'), 'ssh-ed25519 AAAA of-the-project\n');
  writeFileSync(project.path('lab.pub'), 'ssh-ed25519 AAAA of-the-lab\n');
  const keys = namedKeys(project.topology(), project.folder);
  expect(keys).toEqual([project.path('keys/id')]);
  expect(authorizedKeys(project.path('lab'), keys)).toBe(
    'ssh-ed25519 AAAA of-the-lab\nssh-ed25519 AAAA of-the-project\n',
  );
});

test.each([
  ['~/.ssh/id_ed25519', `${homedir()}/.ssh/id_ed25519`],
  ['/etc/keys/id', '/etc/keys/id'],
])('the key %s is where Terraform finds it too', (privateKey, path) => {
  const project = new Project(
    clusterYaml().replace(/ssh: .*/, `ssh: { user: pi, privateKey: ${privateKey} }`),
  );
  expect(namedKeys(project.topology(), project.folder)).toEqual([path]);
});
