import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newDatabaseCommands } from '../../../src/commands/restore/new-database-host';
import { synth } from '../../../src/synth';
import { topologyWith } from '../../support/hosts-topology';
import { RecordingTerminal } from '../../support/recording-terminal';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();

/** What is printed for a database host of this name, with these programs on the PATH. */
function commands(
  name: string,
  { file = 'cluster.yaml', folder = '/home/anna', programs = ['terraform'] } = {},
) {
  const topology = topologyWith(`hosts:
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: ${name}, address: 192.168.10.10, roles: [database], disks: [{ device: /dev/sda, mount: /srv/postgres }] }`);
  const bin = scratch();
  for (const program of programs) {
    writeFileSync(join(bin, program), '');
    chmodSync(join(bin, program), 0o755);
  }
  const options = { file, folder, environment: { PATH: `/nowhere:${bin}` } };
  const [host] = topology.databases;
  if (!host) throw new Error('no database');
  return newDatabaseCommands(host, synth(topology).steps, options, new RecordingTerminal('/home/anna'));
}

test('a new database host needs an apply of only its steps, the restore again, and an apply of everything', () => {
  expect(commands('storage1')).toEqual([
    'k3s-cdk synth',
    'terraform -chdir=cdktf.out/stacks/hosts init',
    'terraform -chdir=cdktf.out/stacks/hosts apply -var leave_data=true -target=terraform_data.database_hosts -target=null_resource.storage1_database-backup   (if the machine is new and has the SSH host key of the old one, with -replace=null_resource.storage1_prepare -target=null_resource.storage1_firewall -replace=null_resource.storage1_firewall -replace=null_resource.storage1_disks -replace=null_resource.storage1_database -replace=null_resource.storage1_database-backup)',
    'this command again',
    'k3s-cdk deploy',
  ]);
});

test('the commands are about the cluster.yaml that was named, in words that a shell takes', () => {
  const elsewhere = commands('storage1', { file: 'my lab/pi.yaml', folder: '/home/anna/my lab' });
  expect(elsewhere[0]).toBe("k3s-cdk synth -f 'my lab/pi.yaml'");
  expect(elsewhere[1]).toBe("terraform -chdir='my lab/cdktf.out/stacks/hosts' init");
  expect(elsewhere.at(-1)).toBe("k3s-cdk deploy -f 'my lab/pi.yaml'");
});

test('they call OpenTofu where that is there and Terraform is not', () => {
  const [, init, apply] = commands('storage1', { programs: ['tofu'] });
  expect(init).toBe('tofu -chdir=cdktf.out/stacks/hosts init');
  expect(apply).toMatch(/^tofu -chdir=\S+ apply /);
  expect(commands('storage1', { programs: ['tofu', 'terraform'] })[1]).toMatch(/^terraform /);
  expect(commands('storage1', { programs: [] })[1]).toMatch(/^terraform /);
});

test('hosts whose names begin with a digit are named as Terraform does', () => {
  const [, , apply = ''] = commands('1st');
  expect(apply).toContain(' -target=null_resource.host_1st_database-backup ');
  expect(apply).toContain(' -replace=null_resource.host_1st_database ');
  expect(apply).not.toContain('.1st_');
});
