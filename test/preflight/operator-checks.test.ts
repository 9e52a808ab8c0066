import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { operatorChecks } from '../../src/preflight/operator-checks';
import { topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

/** What is said about the machine, with programs that answer as given: text, or nothing to say. */
async function checked(programs: Readonly<Record<string, string>>, ssh = '{ user: pi, privateKey: key }') {
  const [bin, folder] = [scratch(), scratch()];
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const checks = operatorChecks(topologyWith(`ssh: ${ssh}`), { folder, environment: { PATH: bin } });
  return (await Promise.all(checks)).map(({ what, state, found, problems }) =>
    [what, state, found, ...problems.map(({ message }) => message)].filter(Boolean).join(' | '),
  );
}

const well = {
  terraform: 'echo Terraform v1.11.4',
  kubectl: `echo '"gitVersion": "v1.36.2"'`,
  ssh: 'echo "OpenSSH_10.0p2, OpenSSL 3" >&2',
  'ssh-keyscan': 'exit 1',
};

test('what is well is said, too', async () => {
  expect(await checked({ ...well, 'ssh-add': 'echo ssh-ed25519 AAAA me' }, '{ user: pi }')).toEqual([
    `node | ok | ${process.versions.node}`,
    'terraform | ok | Terraform 1.11.4',
    'kubectl | ok | v1.36.2',
    'ssh | ok | OpenSSH_10.0p2',
    'SSH agent | ok | 1 key',
  ]);
});

test.each([
  ['exit 1', 'the SSH agent has no key, and'],
  ['exit 2', 'no SSH agent can be reached, and'],
])('an agent of which ssh-add says %s', async (script, said) => {
  const lines = await checked({ ...well, 'ssh-add': script }, '{ user: pi }');
  expect(lines.at(-1)).toContain(`SSH agent | error | ${said}`);
});

test('without ssh-add, nothing is said of the agent', async () => {
  expect((await checked(well, '{ user: pi }')).at(-1)).toBe(
    "SSH agent | error | ssh-add, which asks the SSH agent, is not installed: install OpenSSH's client",
  );
});

test.each([
  [{}, "ssh | error | ssh is not installed: install OpenSSH's client | ssh-keyscan is not installed"],
  [{ ...well, kubectl: `echo '"gitVersion": "v1.26.0"'` }, 'kubectl | error | kubectl v1.26.0 is too old'],
  [{ ...well, kubectl: 'exit 1' }, 'kubectl | error | what is called kubectl here does not say its version'],
  [{}, 'terraform | error | neither terraform nor tofu is installed'],
  [{ terraform: 'echo make v4' }, "terraform | error | 'terraform' is neither Terraform nor OpenTofu"],
  [{}, 'key | error | key cannot be read'],
])('with %j, %s', async (programs, line) => {
  expect(await checked(programs)).toContainEqual(expect.stringContaining(line));
});

test('a program that may not be run is not one that is not installed', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'tofu'), '');
  const checks = operatorChecks(topologyWith(), {
    folder,
    environment: { TERRAFORM_BINARY_NAME: join(folder, 'tofu') },
  });
  const terraform = (await Promise.all(checks)).find(({ what }) => what === 'terraform');
  expect(terraform?.problems[0]?.message).toMatch(
    /tofu' cannot be run: you have no permission to: correct that/,
  );
});
