import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { containers } from '../container/container-kind';
import { k3sBinary } from '../k3s-binary';
import { whyNoLab } from '../requirements';
import { arch } from '../support/artifacts';
import { TestCluster } from '../support/test-cluster';
import { castOf } from './cast';

/**
 * `npm run record`: a session from init to a cluster that answers, on hosts of the lab, in a real terminal (tmux), as
 * docs/tutorials/session.cast for asciinema and docs/tutorials/session.md to read.
 */
const size = { columns: 110, rows: 40 };
const title = 'k3s-cdk: from three bare hosts to a cluster';
const root = resolve(__dirname, '..', '..', '..');

async function main(): Promise<void> {
  const missing = ['tmux', 'script', 'kubectl'].filter((name) => spawnSync('which', [name]).status !== 0);
  const reason =
    (await whyNoLab(containers, console.log)) ?? (missing.length > 0 ? `${missing} is missing` : undefined);
  if (reason !== undefined) throw new Error(`nothing is recorded: ${reason}`);
  if ((await k3sBinary()).standIn)
    throw new Error('nothing is recorded: there is no real k3s, see docs/how-to/lab.md');
  const cluster = await TestCluster.up('record', '10.79.0', [
    { name: 'storage1', number: 10, roles: ['database', 'nfs'] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
  try {
    await record(cluster);
  } finally {
    await cluster.down();
  }
}

async function record(cluster: TestCluster): Promise<void> {
  const { lab, project } = cluster;
  const [home, bin] = [`${project.folder}-home`, `${project.folder}-bin`];
  for (const path of [home, bin]) mkdirSync(path, { recursive: true });
  symlinkSync(join(root, 'bin/k3s-cdk.js'), join(bin, 'k3s-cdk'));
  const [output, timing, ended] = ['output', 'timing', 'ended'].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  const session = `bash ${__dirname}/session.sh ${cluster.binary.version} ${arch}`;
  const command = `script -qef -O ${output} -T ${timing} -c '${session}'; echo $? >${ended}`;
  const tmux = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      'ip',
      ['netns', 'exec', lab.namespace, 'tmux', '-L', 'k3s-cdk-record', '-f', '/dev/null', ...args],
      {
        encoding: 'utf8',
        cwd: project.folder,
        env: {
          ...project.environment,
          PATH: `${bin}:${process.env.PATH}`,
          HOME: home,
          LANG: 'C.UTF-8',
          SSH_AUTH_SOCK: lab.agentSocket,
          TERM: 'xterm-256color',
          TERRAFORM_BINARY_NAME: project.tools.program,
        },
      },
    );
    if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
    return stdout;
  };
  // As the folders of a person would be called.
  const shown = (text: string) =>
    text
      .replaceAll(`../${basename(home)}`, '~')
      .replaceAll(home, '~')
      .replaceAll(project.folder, '~/homelab');
  const { columns, rows } = size;
  tmux('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, 'sleep infinity');
  try {
    tmux('set-option', '-g', 'history-limit', '5000');
    tmux('new-window', `${command}; sleep infinity`);
    const deadline = Date.now() + 30 * 60_000;
    while (!existsSync(ended)) {
      if (Date.now() > deadline) throw new Error(`the session does not end:\n${tmux('capture-pane', '-p')}`);
      await sleep(1000);
    }
    const text = tmux('capture-pane', '-p', '-J', '-S', '-').trimEnd();
    if (readFileSync(ended, 'utf8').trim() !== '0') throw new Error(`the session failed:\n${text}`);
    writeFileSync(join(root, 'docs', 'tutorials', 'session.md'), page(shown(text)));
    const cast = castOf(readFileSync(output), readFileSync(timing, 'utf8'), size, title);
    writeFileSync(join(root, 'docs', 'tutorials', 'session.cast'), shown(cast));
  } finally {
    tmux('kill-server');
    for (const path of [home, bin]) spawnSync('rm', ['-rf', path]);
  }
}

function page(text: string): string {
  return `# A session, recorded

From three bare hosts of the [lab](../how-to/lab.md) to a cluster that answers at its virtual IP, and a second \`deploy\` that
finds nothing to do. Only what stayed on the screen is shown; \`asciinema play docs/tutorials/session.cast\` plays it with
the live view. Both are recorded by \`npm run record\`.

\`\`\`text
${text}
\`\`\`
`;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
