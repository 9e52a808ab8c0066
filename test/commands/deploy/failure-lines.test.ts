import { failureLines } from '../../../src/commands/deploy/failure-lines';
import { synth } from '../../../src/synth';
import { explainDiagnostic } from '../../../src/terraform/explain-diagnostic';
import { StepOutput } from '../../../src/terraform/step-output';
import { TerraformError } from '../../../src/terraform/terraform';
import { topologyWith } from '../../support/hosts-topology';
import { diagnosticsOf, recordedMessages, recordedPrograms } from '../../support/terraform-streams';

const topology = topologyWith(`hosts:
  - { name: server1, address: 10.0.0.11, roles: [server, database] }
${[2, 3, 4, 5, 6].map((n) => `  - { name: server${n}, address: 10.0.0.1${n}, roles: [server] }`).join('\n')}
api: { address: 10.0.0.5 }`);
const described = { topology, steps: synth(topology).steps };

describe.each(recordedPrograms)('a run of %s that fails', (program) => {
  test("is reported with the hosts' own errors and why hosts cannot be reached, in order", () => {
    const messages = recordedMessages(program, 'failed-apply');
    const output = new StepOutput();
    for (const message of messages) output.add(message);
    const error = new TerraformError('apply ends with 1', diagnosticsOf(messages), []);
    const lines = failureLines(error, output.failures(), described);
    expect(lines.slice(0, 4)).toEqual([
      'error: server1: k3s does not start',
      "  step 'k3s' of server1 printed before that:",
      '    installing',
      '    last words',
    ]);
    expect(lines.filter((line) => line.startsWith('error: ')).sort()).toEqual([
      'error: server1: k3s does not start',
      'error: server3, server6: refuses the connection: is its SSH server running, on this port?',
      "error: server4 (10.0.0.14) shows a host key that is not the one in known_hosts: run 'k3s-cdk init', which says what to do",
      "error: server5 (10.0.0.15) does not let this user in with this key: check 'ssh.user' and 'ssh.privateKey' in cluster.yaml, and ~/.ssh/authorized_keys on the host",
    ]);
    // Nothing of Terraform's own account of connections and files.
    expect(lines.join('\n')).not.toMatch(/Connecting|Private key|provisioner|\.sh/);
  });

  test('for two at once, the message says who the other one is, and since when', () => {
    const [diagnostic] = diagnosticsOf(recordedMessages(program, 'locked'));
    expect(diagnostic && explainDiagnostic(diagnostic)).toMatch(
      /^anna@laptop has been working on this cluster since 2026-11-23 23:\d\d:\d\d UTC \(apply\), and two at once .* wait until that has ended, then deploy again\. If it died .* force-unlock [\w-]+' lets you in, and the next deploy asks the hosts what it had finished$/,
    );
  });

  test('a plan that another apply has made stale is reported as such', () => {
    const [diagnostic] = diagnosticsOf(recordedMessages(program, 'stale'));
    expect(diagnostic && explainDiagnostic(diagnostic)).toMatch(/^somebody else has applied in the meantime/);
  });
});

test('nodes that did not get a turn are one line, after the node that did not come back', () => {
  const failed = (host: string, error: string) => ({
    address: `null_resource.${host}_k3s[0]`,
    ...{ errors: [`${host}: ${error}`], lines: ['agent2 waits for its turn: agent1 restarts'] },
  });
  const left = "left as it is, because node 'agent1' did not come back";
  const failures = [failed('agent3', left), failed('agent1', 'k3s does not start'), failed('agent2', left)];
  const lines = failureLines(new TerraformError('apply ends with 1', [], []), failures, described);
  expect(lines.filter((line) => line.startsWith('error: '))).toEqual([
    'error: agent1: k3s does not start',
    `error: agent2, agent3: ${left}`,
  ]);
});

test('a failure without any message is reported with the last lines, without the box around them', () => {
  const box = ['╷', '│ Error: Unsupported argument', '│ ', '│ on cdk.tf.json line 1', '╵'];
  expect(failureLines(new TerraformError('terraform init ends with 1', [], box), [], described)).toEqual([
    'error: terraform init ends with 1',
    '    Error: Unsupported argument',
    '    on cdk.tf.json line 1',
  ]);
});

test('a step that dies without a message is reported with its last lines', () => {
  const output = new StepOutput();
  const address = 'null_resource.server1_prepare';
  output.add({ type: 'output', address, line: 'installing chrony' });
  output.add({ type: 'errored', address, action: 'create' });
  const diagnostic = {
    type: 'diagnostic',
    severity: 'error',
    summary: 'remote-exec provisioner error',
    address,
  } as const;
  const detail = 'error executing "./x.sh": Process exited with status 100';
  const error = new TerraformError('', [{ ...diagnostic, detail }], []);
  expect(failureLines(error, output.failures(), described)).toEqual([
    `error: step 'prepare' of server1 failed without an error of its own: ${detail}`,
    "  step 'prepare' of server1 printed before that:",
    '    installing chrony',
  ]);
});

test.each([
  [
    'scp: ./.k3s-cdk-1.sh: No space left on device',
    "takes no files, because its disk is full: see 'df -h' on it",
  ],
  [
    'scp: ./.k3s-cdk-1.sh: Read-only file system',
    "takes no files, because its disk went read-only: see 'dmesg' on it",
  ],
  [
    'SCP failed to start. This usually means that SCP is not\nproperly installed on the remote system.',
    "has no 'scp', which files are sent with: install the OpenSSH client on it",
  ],
  [
    'scp: ./.k3s-cdk-1.sh: Permission denied',
    "takes no files: is there a home folder that 'ssh.user' can write into? It reported: Failed to upload script: scp: ./.k3s-cdk-1.sh: Permission denied",
  ],
])('a host that files cannot be uploaded to is reported with its own reason: %s', (reason, text) => {
  const address = 'null_resource.server1_prepare';
  const output = new StepOutput();
  output.add({ type: 'errored', address, action: 'create' });
  const detail = `Failed to upload script: ${reason}`;
  const diagnostic = { type: 'diagnostic', severity: 'error', summary: '', address, detail } as const;
  const [line] = failureLines(new TerraformError('', [diagnostic], []), output.failures(), described);
  expect(line).toBe(`error: server1 (10.0.0.11) ${text}`);
});

test('a message about a missing file is shown unchanged', () => {
  const detail = "Host 'server1' needs 'secrets/x': run 'k3s-cdk init'.";
  const summary = 'Resource precondition failed';
  expect(explainDiagnostic({ type: 'diagnostic', severity: 'error', summary, detail })).toBe(detail);
});

test("a host's output in a step is plain text, with lines of readable length", () => {
  const output = new StepOutput();
  const address = 'null_resource.server1_k3s';
  output.add({
    type: 'output',
    address,
    line: `error: \u001b[2J\u001b]0;x\u0007bad \u202e${'x'.repeat(100_000)}`,
  });
  output.add({ type: 'errored', address, action: 'create' });
  const [failed] = output.failures();
  expect(failed?.errors).toEqual([expect.stringMatching(/^bad {2}x{1900,2000}$/)]);
});

test.each([
  ['Failed to query available provider packages', 'could not connect to registry.terraform.io', true],
  ['Failed to install provider', "doesn't match any of the checksums recorded in the lock file", false],
  ['Invalid provider configuration', 'the argument could not be read', false],
])('%s is the fault of the way to the registry only if %s says so', (summary, detail, isTheWay) => {
  const said = explainDiagnostic({ type: 'diagnostic', severity: 'error', summary, detail });
  expect(said.includes('cannot be downloaded here')).toBe(isTheWay);
});
