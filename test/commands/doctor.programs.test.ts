import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { doctorCommand } from '../../src/commands/doctor';
import { initCommand } from '../../src/commands/init';
import { testWhen } from '../support/needs';
import { RecordingTerminal } from '../support/recording-terminal';
import { freePort, Sshd, testWithSshd } from '../support/sshd';

jest.setTimeout(60_000);
// Hosts are asked as root.
const testSsh =
  userInfo().uid === 0 ? testWithSshd() : testWhen(false, 'doctor is not tried: this is not root');
let folder: string;
const started: Sshd[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-doctor-'));
});
afterEach(() => {
  for (const sshd of started.splice(0)) sshd.stop();
  rmSync(folder, { recursive: true });
});

async function doctor(
  cluster: string,
  options: { init: boolean; path?: string; hosts?: string; height?: number },
): Promise<string[]> {
  const file = join(folder, 'cluster.yaml');
  writeFileSync(file, cluster);
  const terminal = new RecordingTerminal(folder, options.height);
  if (options.init)
    await initCommand(
      { file, renew: false, fromHosts: false, yes: true },
      { now: new Date(), confirm: undefined },
      terminal,
    );
  const environment = options.path === undefined ? process.env : { PATH: options.path };
  const exitCode = await doctorCommand(
    { file, timeoutSeconds: 30, hosts: options.hosts },
    { clock: Date.now, environment },
    terminal,
  );
  return [...terminal.printed, `exit code ${exitCode}`];
}

async function server(): Promise<Sshd> {
  const sshd = await Sshd.start(['ed25519', 'ecdsa']);
  started.push(sshd);
  return sshd;
}

const yaml = (hosts: string, key: string) => `name: homelab
ssh: { user: ${userInfo().username}, privateKey: ${key} }
hosts:
${hosts}k3s: { version: v1.36.2+k3s1 }
`;

testSsh('what is wrong here and on the hosts is told at once', async () => {
  const sshd = await server();
  const hosts = `  - { name: server1, address: 127.0.0.1, nodeIps: [192.168.10.11], ssh: { port: ${sshd.port} }, roles: [server, database] }
  - { name: agent1, address: 127.0.0.1, nodeIps: [192.168.10.21], ssh: { port: ${await freePort()} }, roles: [agent] }
`;
  const lines = await doctor(yaml(hosts, sshd.identity), { init: true, path: '/nowhere' });
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^error: neither terraform nor tofu is installed: install OpenTofu/),
      'error: agent1: refuses the connection: is its SSH server running, on this port?',
      expect.stringMatching(/^warning: server1: the machine calls itself/),
      'exit code 1',
    ]),
  );
});

testSsh('secrets and host keys that are not there are told with what makes them', async () => {
  const sshd = await server();
  const hosts = `  - { name: server1, address: 127.0.0.1, nodeIps: [192.168.10.11], ssh: { port: ${sshd.port} }, roles: [server, database] }\n`;
  const lines = await doctor(yaml(hosts, sshd.identity), { init: false });
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^error: 'secrets\/k3s-token', .* are missing: run 'k3s-cdk init'$/),
      expect.stringMatching(/^error: server1: has a host key that is not known: run 'k3s-cdk init'/),
    ]),
  );
});

testSsh('a known key of another type than Terraform compares is told', async () => {
  const sshd = await server();
  const hosts = `  - { name: server1, address: 127.0.0.1, nodeIps: [192.168.10.11], ssh: { port: ${sshd.port} }, roles: [server, database] }\n`;
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${sshd.hostKey('ed25519')}\n`);
  expect(await doctor(yaml(hosts, sshd.identity), { init: false })).toContain(
    "error: server1: has a key that Terraform compares and known_hosts does not have: run 'k3s-cdk init'",
  );
});

testSsh('what is well has a line as well, and the number of errors is that of the sentences', async () => {
  const sshd = await server();
  const hosts = `  - { name: server1, address: 127.0.0.1, nodeIps: [192.168.10.11], ssh: { port: ${sshd.port} }, roles: [server, database] }
  - { name: agent1, address: 127.0.0.1, nodeIps: [192.168.10.21], ssh: { port: ${await freePort()} }, roles: [agent] }
  - { name: agent2, address: 127.0.0.1, nodeIps: [192.168.10.22], ssh: { port: ${await freePort()} }, roles: [agent] }
`;
  await doctor(yaml(hosts, sshd.identity), { init: true });
  // Those that are off have a key that is known, too.
  const known = readFileSync(join(folder, 'known_hosts'), 'utf8');
  const ports = [...hosts.matchAll(/port: (\d+)/g)].slice(1).map(([, port]) => port);
  writeFileSync(
    join(folder, 'known_hosts'),
    known + ports.map((port) => known.replaceAll(`:${sshd.port} `, `:${port} `)).join(''),
  );
  const lines = await doctor(yaml(hosts, sshd.identity), { init: true });
  expect(lines).toEqual(
    expect.arrayContaining([
      `✔ node       ${process.versions.node}`,
      `✔ key        ${sshd.identity}`,
      '✔ secrets    all are there',
      '✔ host keys  1 of 3, as in known_hosts',
      '✖ agent1     1 error',
      '✖ agent2     1 error',
      'error: agent1, agent2: refuses the connection: is its SSH server running, on this port?',
    ]),
  );
  const few = await doctor(yaml(hosts, sshd.identity), { init: true, height: 5 });
  expect(few).toEqual(expect.arrayContaining(['✖ agent1, agent2  1 error']));
  const one = await doctor(yaml(hosts, sshd.identity), { init: false, hosts: 'server1' });
  expect(one.filter((line) => /agent\d/.test(line))).toEqual([]);
  expect(one).toContain('✔ host keys  as in known_hosts');
  const errors = lines.filter((line) => line.startsWith('error: ')).length;
  expect(lines.at(-2)).toMatch(
    new RegExp(`^fix the (${errors} errors|error) above, then run 'k3s-cdk doctor' again$`),
  );
});
