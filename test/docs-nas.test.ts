import { readFileSync } from 'node:fs';
import { parseConfig } from '../src/config/load';
import { diagramSvg } from '../src/diagram/svg';
import { resolve } from '../src/model/resolve';
import { rolesOf } from '../src/roles/roles';
import { synth } from '../src/synth';

const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/how-to/nas.md', 'utf8')) ?? [];

/** The topology of the page's cluster.yaml. */
function topology() {
  const { config, issues } = parseConfig(yaml, 'cluster.yaml');
  expect(issues.map(({ message }) => message)).toEqual([]);
  if (!config) throw new Error(yaml);
  return resolve(config);
}

test("the NAS of docs/how-to/nas.md is what pods' volumes, nodes, their firewall and the diagram know", () => {
  const { cluster, steps } = synth(topology());
  const manifest = String(cluster.get('20-nfs.k8s.yaml'));
  expect(manifest).toMatch(/server: 192\.168\.1\.40\n/);
  expect(manifest).toMatch(/share: \/volume1\/kubernetes\n/);
  expect(manifest).toContain('- nfsvers=4.1');
  const file = (host: string, step: string, name: string) =>
    String(steps.find((each) => each.host === host && each.step === step)?.files[name]);
  for (const host of ['server1', 'server2']) {
    expect(file(host, 'nfs-client', 'step.env')).toContain("NFS_SERVER='192.168.1.40'");
    expect(JSON.stringify(steps.filter((each) => each.host === host && each.step === 'firewall'))).toMatch(
      /192\.168\.1\.40[^"]*2049/,
    );
  }
  expect(steps.filter(({ step }) => step === 'nfs')).toEqual([]);
  expect(diagramSvg(topology())).toContain('192.168.1.40');
});

test('no host of the cluster is an NFS server beside it', () => {
  const plain = topology();
  for (const host of plain.hosts) expect(rolesOf(host, plain).map(({ name }) => name)).not.toContain('nfs');
});
