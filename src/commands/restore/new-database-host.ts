import { join } from 'node:path';
import type { HostStep } from '../../model/host-step';
import { leaveData } from '../../model/leave-data';
import { recordAddress } from '../../model/step-address';
import type { Host } from '../../model/topology';
import { fileOption } from '../file-option';
import type { Terminal } from '../terminal';
import { terraformCommand } from '../terraform-command';

export interface NewDatabaseHostOptions {
  /** cluster.yaml, as the user has named it. */
  readonly file: string;
  /** Its folder. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Commands that only set up the database on a host without one, and then load the backup into it. */
export function newDatabaseCommands(
  host: Host,
  steps: readonly HostStep[],
  { file, folder, environment }: NewDatabaseHostOptions,
  terminal: Pick<Terminal, 'display'>,
): string[] {
  const own = steps.filter((step) => step.host === host.name);
  const last = own.find(({ step }) => step === 'database-backup');
  if (!last) throw new Error(`no step of ${host.name} makes backups`);
  const before = own.slice(0, own.indexOf(last) + 1);
  const terraform = terraformCommand(join(folder, 'cdktf.out'), environment, terminal);
  const targets = [recordAddress('database-hosts'), last.address].map((address) => ` -target=${address}`);
  // The database does not wait for the firewall.
  const again = before.flatMap(({ address, step }) => [
    ...(step === 'firewall' ? [` -target=${address}`] : []),
    ` -replace=${address}`,
  ]);
  return [
    `k3s-cdk synth${fileOption(file, terminal)}`,
    `${terraform} init`,
    `${terraform} apply -var ${leaveData}=true${targets.join('')}   (if the machine is new and has the SSH host key of the old one, with${again.join('')})`,
    'this command again',
    `k3s-cdk deploy${fileOption(file, terminal)}`,
  ];
}
