import { X509Certificate } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { ensureSecrets } from '../../src/secrets/ensure';
import { clusterYaml, Project } from '../support/project';

const now = new Date('2026-06-01T12:00:00Z');

const withRecipients = (...names: string[]) =>
  new Project(`${clusterYaml()}database: { backup: { recipients: [${names.join(', ')}] } }\n`);

const run = (project: Project) => ensureSecrets(project.topology(), { folder: project.folder, now });
const copy = 'secrets/hosts/storage1/backup/recipient-1.crt';

test('a key pair for backups is created if cluster.yaml names it, and its key goes to no host', async () => {
  const project = withRecipients('secrets/backup.crt');
  expect((await run(project)).complete).toBe(true);
  expect(project.read(copy)).toBe(project.read('secrets/backup.crt'));
  expect(new X509Certificate(project.read(copy)).subject).toBe('O=homelab\nCN=backups');
  const key = project.read('secrets/backup.key');
  const holders = Object.entries(project.snapshot()).filter(([, { content }]) => content === key);
  expect(holders.map(([path]) => path)).toEqual(['secrets/backup.key']);
});

test('the key may be kept elsewhere: nothing is recreated without it', async () => {
  const project = withRecipients('secrets/backup.crt');
  await run(project);
  rmSync(project.path('secrets/backup.key'));
  const { changes, complete } = await run(project);
  expect({ changes, complete }).toEqual({ changes: [], complete: true });
});

test('a foreign certificate is copied, and an invalid one is reported', async () => {
  const own = withRecipients('secrets/backup.crt');
  await run(own);
  const project = withRecipients('admin.pem', 'missing.pem', 'cluster.yaml');
  writeFileSync(project.path('admin.pem'), own.read('secrets/backup.crt'));
  const { findings } = await run(project);
  expect(project.read(copy)).toBe(own.read('secrets/backup.crt'));
  expect(findings.map(({ message }) => message)).toEqual([
    "'missing.pem' is missing: put the certificate there whose key is to open the backups, or take it out of 'database.backup.recipients'",
    "'cluster.yaml' is not a certificate (PEM) with an EC or RSA key: make one with 'openssl req -x509'",
  ]);
});

test.each(['./secrets/backup.crt', 'certificates/../secrets/backup.crt'])(
  'our own certificate is recognized by its path, even when that is written as %s',
  async (path) => {
    const project = withRecipients(path);
    expect((await run(project)).complete).toBe(true);
    expect(project.read(copy)).toBe(project.read('secrets/backup.crt'));
  },
);

test("another's certificate may lie anywhere", async () => {
  const own = withRecipients('secrets/backup.crt');
  await run(own);
  const project = withRecipients(own.path('secrets/backup.crt'));
  expect((await run(project)).complete).toBe(true);
  expect(project.read(copy)).toBe(own.read('secrets/backup.crt'));
});
