import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynthesizedHosts } from '../support/hosts-stack';
import { topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();

type Inline = { readonly 'remote-exec': { readonly inline: readonly string[] } };
type Resources = Readonly<Record<string, { readonly provisioner: readonly Inline[] }>>;

const { resource, locals } = SynthesizedHosts.terraform(topologyWith()) as unknown as {
  resource: { terraform_data: Resources; null_resource: Resources };
  locals: { confirm_runs: string };
};

/** What Terraform runs on a host first for a resource, up to where it confirms runs. */
function confirm(of: Resources[string] | undefined, evaluated: [RegExp, string][], finished: Finished) {
  const [first] = of?.provisioner ?? [];
  const inline = first?.['remote-exec'].inline ?? [];
  const script = evaluated
    .reduce((text, [expression, value]) => text.replace(expression, value), inline.join('\n'))
    .replace(/\$\{local\.confirm_runs\}.*/s, () => locals.confirm_runs)
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

/** Runs of steps that a host has finished, a line each. */
type Finished = Readonly<Record<string, string>>;

/** The mark of a host whose steps have changed, with the runs that the state has. */
function mark(host: string, runs: string, finished: Finished) {
  return confirm(resource.terraform_data[`${host}_finished`], [[/\$\{join\(.*\)\}/, runs]], finished);
}

testInSandbox('a host that has finished the runs of its steps confirms them', () => {
  const finished = { prepare: '10\n11\n', k3s: '12\n' };
  expect(mark('server1', 'k3s=12 prepare=11', finished)).toEqual({ status: 0, error: undefined });
});

testInSandbox('runs that a host has not finished fail, with what repeats them', () => {
  expect(mark('server1', 'k3s=13 prepare=1 nfs-client=7', { prepare: '10\n11\n', k3s: '13\n' })).toEqual({
    status: 1,
    error:
      "error: server1: Terraform was killed before this host had finished all that the state says: run 'k3s-cdk deploy', which repeats it, or apply again with '-replace=null_resource.server1_prepare' '-replace=null_resource.server1_nfs-client'",
  });
  expect(mark('agent1', 'k3s=13', {}).error).toContain("with '-replace=null_resource.agent1_k3s[0]'");
});

testInSandbox('a step refuses to run on top of one that the host has not finished', () => {
  const runs: [RegExp, string][] = [
    [/\$\{null_resource\.server1_firewall\.id\}/, '8'],
    [/\$\{null_resource\.server1_k3s-binary\.id\}/, '9'],
  ];
  const step = resource.null_resource.server1_k3s;
  expect(confirm(step, runs, { 'k3s-binary': '9\n', firewall: '8\n', prepare: '1\n' }).status).toBe(0);
  const { status, error } = confirm(step, runs, { 'k3s-binary': '7\n', firewall: '8\n' });
  expect({ status, error }).toEqual({
    status: 1,
    error: expect.stringMatching(/^error: server1: .* with '-replace=null_resource\.server1_k3s-binary'$/),
  });
});
