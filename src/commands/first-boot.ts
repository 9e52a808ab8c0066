import { firstBootFolder } from '../model/secrets';
import type { Topology } from '../model/topology';
import { ensureFirstBoot, type FirstBootOptions } from '../secrets/first-boot/ensure';
import { PrivateFiles } from '../secrets/private-files';
import { SecretsReport } from '../secrets/report';
import { changes, reportFindings } from './secrets-report';
import { table } from './table';
import type { Terminal } from './terminal';

/** `k3s-cdk init --first-boot`: what new machines boot with. Returns whether every host that needs it has it. */
export async function firstBoot(
  topology: Topology,
  { file, ...options }: FirstBootOptions & { readonly file: string },
  terminal: Terminal,
): Promise<boolean> {
  const report = new SecretsReport();
  const files = new PrivateFiles(options.folder);
  const { written, known, assumed } = await ensureFirstBoot(topology, options, files, report);
  for (const line of table(changes(report))) terminal.print(line);
  terminal.report({ firstBoot: report.changes });
  reportFindings(report, terminal);
  if (known.length > 0)
    terminal.print(`left out: ${known.join(', ')}, whose host keys are known, so they have booted before`);
  if (written.length > 0) {
    if (report.changes.length === 0) terminal.print('nothing to do: all files are there');
    for (const sentence of assumed) terminal.print(`assumed: ${sentence}`);
    terminal.print(
      `copy user-data, network-config and meta-data in ${firstBootFolder}/HOST/ onto that host's boot partition`,
    );
    terminal.print(`next, when the machines have booted: k3s-cdk init${file}`);
  }
  return report.complete;
}
