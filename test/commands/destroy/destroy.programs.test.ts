import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { destroyCommand } from '../../../src/commands/destroy/destroy';
import type { DestroyOptions } from '../../../src/commands/destroy/destroy-options';
import type { Host } from '../../../src/model/topology';
import { RecordingTerminal } from '../../support/recording-terminal';
import { scratchFolders } from '../../support/scratch';

const inputs: Record<string, string> = {};
jest.mock('../../../src/ssh/client', () => ({
  ...jest.requireActual('../../../src/ssh/client'),
  SshClient: class {
    async run({ name }: Host, _: string, { input }: { input: string }) {
      inputs[name] = input;
      const isFull = name === 'storage2';
      return { stdout: `all of ${name}\n`, stderr: isFull ? 'it is busy' : '', exitCode: isFull ? 1 : 0 };
    }
    async close() {}
  },
}));
beforeEach(() => {
  for (const name of Object.keys(inputs)) delete inputs[name];
});

const scratch = scratchFolders();
const yaml = `name: lab
ssh: { user: pi }
hosts:
  - { name: storage1, address: 10.0.0.10, roles: [database, nfs], disks: [{ device: /dev/disk/by-id/a, mount: /srv/postgres }] }
  - { name: server1, address: 10.0.0.11, roles: [server] }
api: {}
k3s: { version: v1.36.2+k3s1 }
metallb: { pools: [{ name: lan, addresses: [10.0.0.200-10.0.0.210] }] }
`;

const address = 'terraform_data.membership["server1"]';
/** What a host says when it leaves, as Terraform tells it. */
const saying = (line: string) =>
  JSON.stringify({
    '@message': '',
    type: 'provision_progress',
    hook: { resource: { addr: address }, output: line },
  });
const left = saying('server1 has left the cluster');

/** A project whose Terraform is a script, and what it was called with. @param said what it prints while it destroys */
async function destroy(
  options: Partial<DestroyOptions>,
  answers?: readonly string[],
  { text = yaml, said = left } = {},
) {
  const folder = scratch();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const change = { actions: ['delete'], before: {}, after: null };
  const plan = { resource_changes: [{ address, change }] };
  writeFileSync(join(bin, 'said'), `${said}\n`);
  writeFileSync(join(bin, 'plan.json'), JSON.stringify(plan));
  writeFileSync(
    join(bin, 'terraform'),
    `#!/bin/bash\necho "$*" >>'${folder}/calls'\ncase $1 in version) echo 'Terraform v1.11.4' ;; show) cat '${bin}/plan.json' ;; apply) cat '${bin}/said' ;; esac\n`,
  );
  chmodSync(join(bin, 'terraform'), 0o755);
  writeFileSync(join(folder, 'lab.yaml'), text);
  const terminal = new RecordingTerminal(folder);
  const questions: string[] = [];
  const rest = [...(answers ?? [])];
  const ask = async (question: string) => {
    questions.push(question);
    return rest.shift() ?? '';
  };
  const exitCode = await destroyCommand(
    { file: join(folder, 'lab.yaml'), purge: false, yes: false, ...options },
    {
      now: new Date('2026-11-23T10:00:00Z'),
      clock: () => performance.now(),
      confirm: undefined,
      ask: answers && ask,
      screen: undefined,
      environment: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
      kubeconfig: join(folder, 'kubeconfig'),
      onInterrupt: () => () => {},
    },
    terminal,
  );
  const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '';
  return {
    exitCode,
    questions,
    out: terminal.printed.join('\n'),
    err: terminal.errors.join('\n'),
    applied: /^apply /m.test(calls),
    calls,
  };
}

test("confirming with the cluster's name uninstalls it, and no data is touched", async () => {
  const { exitCode, questions, applied, calls, out } = await destroy({}, ['lab']);
  expect({ exitCode, applied }).toEqual({ exitCode: 0, applied: true });
  expect(calls).toMatch(/^plan .*-destroy/m);
  expect(questions).toEqual(['Take lab down? Type its name: ']);
  expect(out).toContain('lab is gone from 1 host; packages and data stay (storage1)');
  expect(inputs).toEqual({});
});

test('a destroy that starts nothing has a log under its own name, and says how to try again', async () => {
  const { err } = await destroy({ purge: true }, ['yes']);
  expect(err.split('\n').slice(-3)).toEqual([
    "that is not 'lab': nothing was changed",
    'log: .k3s-cdk/logs/destroy-20261123T100000Z.log',
    'to try again: k3s-cdk destroy --purge -f lab.yaml',
  ]);
});

test('another answer changes nothing', async () => {
  expect(await destroy({}, ['yes'])).toMatchObject({ exitCode: 1, applied: false });
  expect(await destroy({ purge: true }, ['lab', 'lab'])).toMatchObject({ exitCode: 1, applied: false });
  expect(inputs).toEqual({});
});

test('data is deleted after a second question that says which and where', async () => {
  const { exitCode, questions, out } = await destroy({ purge: true }, ['lab', 'delete lab']);
  expect(exitCode).toBe(0);
  expect(questions).toHaveLength(2);
  expect(out).toContain('deleted for good on storage1: /srv/nfs: the volumes of all pods');
  expect(Object.keys(inputs)).toEqual(['storage1']);
  expect(inputs.storage1).toContain("DATA_DIR='/srv/postgres'\n");
  expect(inputs.storage1).toContain("EXPORT_PATH='/srv/nfs'\n");
  expect(out).toContain('storage1: all of storage1');
});

test('an adopted folder is reported to stay, and is left alone', async () => {
  const { exitCode, out } = await destroy({ purge: true }, ['lab', 'delete lab'], {
    text: `${yaml}nfs: { path: /var/www, adopt: true }\n`,
  });
  expect(exitCode).toBe(0);
  expect(out).toContain("stays on storage1: /var/www: 'nfs.adopt' is set, so it is its owner's");
  expect(inputs.storage1).toMatch(/^CALLS='(?!.*purge_volumes)/m);
  expect(out).not.toContain('the volumes of all pods');
});

test('without a terminal each question has its own option, and the second one needs the name', async () => {
  expect((await destroy({})).err).toContain('give --yes');
  expect((await destroy({ purge: true, yes: true })).err).toContain('give --delete-data-of lab');
  const other = await destroy({ purge: true, yes: true, deleteDataOf: 'prod' });
  expect(other).toMatchObject({ exitCode: 1, applied: false });
  expect(other.err).toContain("--delete-data-of prod is not the name of this cluster, 'lab'");
  expect(await destroy({ purge: true, yes: true, deleteDataOf: 'lab' })).toMatchObject({ exitCode: 0 });
});

test('a host whose data stays is an error that names it, and others are done', async () => {
  const moved = yaml
    .replace('[database, nfs]', '[database]')
    .replace(
      '  - { name: server1',
      '  - { name: storage2, address: 10.0.0.9, roles: [nfs] }\n  - { name: server1',
    );
  const { exitCode, err, out } = await destroy({ purge: true, yes: true, deleteDataOf: 'lab' }, undefined, {
    text: moved,
  });
  expect(exitCode).toBe(1);
  expect(err).toContain('error: storage2: it is busy');
  // Without it, the data would stay.
  expect(err).toMatch(/^to continue: k3s-cdk destroy --purge -f lab.yaml; what is done is not repeated$/m);
  expect(out).toContain('storage1: all of storage1');
});

test.each([
  [
    'could not be reached',
    '',
    'warning: server1 could not be reached, so everything is still installed on it',
  ],
  [
    'could not be uninstalled completely',
    saying('error: server1: these could not be uninstalled completely: 50-k3s'),
    'warning: server1: these could not be uninstalled completely: 50-k3s',
  ],
])('a host that %s does not count as gone, and the message says what to do', async (_, said, warning) => {
  const { exitCode, out, err } = await destroy({ yes: true }, undefined, { said });
  expect(exitCode).toBe(1);
  expect(out).toContain('lab is gone from 0 hosts, except for what is left on server1 (see above)');
  expect(err.split('\n').slice(-2)).toEqual([
    warning,
    expect.stringMatching(
      /^run on server1 before it is used again, or reinstall: for script in .*uninstall\.d/,
    ),
  ]);
});
