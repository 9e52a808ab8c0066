import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import type { Topology } from '../../src/model/topology';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder with a cluster.yaml; gone after the tests of the file. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-test-'));
  readonly file = join(this.folder, 'cluster.yaml');

  constructor(yaml: string) {
    folders.push(this.folder);
    this.write(yaml);
  }

  write(yaml: string): void {
    writeFileSync(this.file, yaml);
  }

  /** A second folder like this one. */
  copy(): Project {
    const copy = new Project('');
    // Node's own copy loses modes in some releases (22 and 24).
    execFileSync('cp', ['-a', `${this.folder}/.`, copy.folder]);
    return copy;
  }

  topology(): Topology {
    const { config, issues } = loadConfig(this.file);
    if (!config) throw new Error(JSON.stringify(issues));
    return resolve(config);
  }

  path(relative: string): string {
    return join(this.folder, relative);
  }

  read(relative: string): string {
    return readFileSync(this.path(relative), 'utf8');
  }

  /** Files below a folder with content and modification time, to see whether anything was touched. */
  snapshot(relative = 'secrets'): Record<string, { content: string; mtimeMs: number }> {
    const entries = readdirSync(this.path(relative), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      files
        .sort()
        .map((file) => [
          file.slice(this.folder.length + 1),
          { content: readFileSync(file, 'utf8'), mtimeMs: statSync(file).mtimeMs },
        ]),
    );
  }
}

/** A cluster of one database host, servers and an agent. */
export function clusterYaml({
  servers = ['server1', 'server2'],
  database = '192.168.10.10',
  agents = 1,
} = {}): string {
  const hosts = [
    `{ name: storage1, address: ${database}, roles: [database, nfs] }`,
    ...servers.map((name, i) => `{ name: ${name}, address: 192.168.10.${11 + i}, roles: [server] }`),
    ...Array.from(
      { length: agents },
      (_, i) => `{ name: agent${i + 1}, address: 192.168.10.${21 + i}, roles: [agent] }`,
    ),
  ];
  return `name: homelab
ssh: { user: pi }
hosts:
${hosts.map((host) => `  - ${host}`).join('\n')}
api: { address: 192.168.10.5 }
k3s: { version: v1.36.2+k3s1 }
`;
}
