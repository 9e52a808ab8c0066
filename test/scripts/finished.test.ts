import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynthesizedHosts } from '../support/hosts-stack';
import { topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();

/** What Terraform runs on a host whose steps have changed, with the runs that the state has. */
function confirm(host: string, runs: string, finished: Readonly<Record<string, string>>) {
  const { resource } = SynthesizedHosts.terraform(topologyWith()) as unknown as {
    resource: { terraform_data: Record<string, { provisioner: { 'remote-exec': { inline: string[] } }[] }> };
  };
  const inline = resource.terraform_data[`${host}_finished`]?.provisioner[0]?.['remote-exec'].inline ?? [];
  const script = inline
    .join('\n')
    .replace(/\$\{join\(.*\)\}/, runs)
    .replaceAll('$${', '${');
  const folder = scratch();
  mkdirSync(join(folder, 'lib/k3s-cdk/runs'), { recursive: true });
  for (const [step, text] of Object.entries(finished))
    writeFileSync(join(folder, 'lib/k3s-cdk/runs', step), text);
  const options = ['--user', '--map-root-user', '--mount', 'sh', '-ec'];
  const whole = `mount --bind ${folder} /var && exec sh -c "$0"`;
  const { status, stderr } = spawnSync('unshare', [...options, whole, script], { encoding: 'utf8' });
  return { status, error: stderr.split('\n').find((line) => line.startsWith('error: ')) };
}

testInSandbox('a host that has finished the runs of its steps confirms them', () => {
  const finished = { prepare: '10\n11\n', k3s: '12\n' };
  expect(confirm('server1', 'k3s=12 prepare=11', finished)).toEqual({ status: 0, error: undefined });
});

testInSandbox('runs that a host has not finished fail, with what repeats them', () => {
  expect(confirm('server1', 'k3s=13 prepare=1 nfs-client=7', { prepare: '10\n11\n', k3s: '13\n' })).toEqual({
    status: 1,
    error:
      "error: server1: Terraform was killed before this host had finished all that the state says: run 'k3s-cdk deploy', which repeats it, or apply again with '-replace=null_resource.server1_prepare' '-replace=null_resource.server1_nfs-client'",
  });
  expect(confirm('agent1', 'k3s=13', {}).error).toContain("with '-replace=null_resource.agent1_k3s[0]'");
});
