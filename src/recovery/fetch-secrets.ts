import { oneText } from '../model/script';
import { tokenFile } from '../model/secrets';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { placedSecrets } from '../roles/roles';
import type { PrivateFiles } from '../secrets/private-files';
import type { SecretsReport } from '../secrets/report';
import { bashAsRoot, type SshClient } from '../ssh/client';
import { rootFailure } from '../ssh/root-failure';
import { SshError } from '../ssh/ssh-error';
import readFiles from './scripts/read-files.sh';

const timeoutMs = 30_000;

/** The versions of one file on hosts: the host's name by the text. */
type Texts = Map<string, string>;

/**
 * Restores missing secrets from the hosts of a running cluster. Existing ones stay.
 *
 * A host that cannot be queried, or whose answer is not a secret of that kind, is a finding.
 */
export async function fetchSecrets(
  topology: Topology,
  ssh: Pick<SshClient, 'run'>,
  files: PrivateFiles,
  report: SecretsReport,
): Promise<void> {
  const found = new Map<string, Texts>();
  await Promise.all(
    topology.hosts.map(async (host) => {
      for (const [local, text] of await placedOn(topology, host, ssh, report)) {
        const texts = found.get(local) ?? new Map();
        found.set(local, texts.has(text) ? texts : texts.set(text, host.name));
      }
    }),
  );
  if (!found.has(tokenFile))
    report.found('error', `no host that answers has the servers' token, so '${tokenFile}' cannot be fetched`);
  for (const local of [...found.keys()].sort()) keep(local, found.get(local) ?? new Map(), files, report);
}

function keep(local: string, texts: Texts, files: PrivateFiles, report: SecretsReport): void {
  const present = files.read(local);
  if (present !== undefined && local !== tokenFile) return;
  const [[text, name] = ['', ''], ...others] = texts;
  if (others.length > 0) {
    const names = [...texts.values()].join(' and ');
    report.found(
      'error',
      `${names} have different files for '${local}', so it was not fetched: has a change of it been applied to some of them only? Take the one that the others follow ('docs/how-to/secrets.md' says where it is)`,
    );
  } else if (present === undefined) {
    files.create(local, text);
    report.changed('fetched', local);
  } else if (present !== text) {
    report.found(
      'error',
      `'${local}' differs from what ${name} runs with, so the secrets do not match: move 'secrets/' away and run this again`,
    );
  }
}

/** Texts by file. */
async function placedOn(
  topology: Topology,
  host: Host,
  ssh: Pick<SshClient, 'run'>,
  report: SecretsReport,
): Promise<Map<string, string>> {
  const placed = placedSecrets(host, topology);
  const texts = new Map<string, string>();
  if (placed.length === 0) return texts;
  const input = `FILES=${shellQuote(placed.map(({ remote }) => remote).join('\n'))}\n${oneText(readFiles)}`;
  const answer = await ssh.run(host, bashAsRoot, { input, timeoutMs }).catch((error: Error) => error);
  if (answer instanceof Error) {
    if (!(answer instanceof SshError)) throw answer;
    report.found('warning', answer.message);
    return texts;
  }
  if (!answer.stdout.endsWith('end\n')) {
    report.found('warning', `${host.name} ${rootFailure(host, answer.stderr)}`);
    return texts;
  }
  const contents = new Map(
    answer.stdout.split('\n').map((line): [string, string] => {
      const [path = '', base64 = ''] = line.split('\t');
      return [path, Buffer.from(base64, 'base64').toString('utf8')];
    }),
  );
  for (const { remote, local, isIt } of placed) {
    const text = contents.get(remote);
    if (text === undefined || texts.has(local)) continue;
    if (isIt(text)) texts.set(local, text);
    else
      report.found(
        'warning',
        `'${remote}' on ${host.name} is not what is expected there: it was not fetched`,
      );
  }
  return texts;
}
