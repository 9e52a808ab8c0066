import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { deployCommand } from '../../../src/commands/deploy/deploy';
import type { DeployOptions } from '../../../src/commands/deploy/deploy-options';
import type { Host } from '../../../src/model/topology';
import { type BlankDisk, readBlankDisk } from '../../../src/preflight/blank-disk';
import type { Problem } from '../../../src/status/problem';
import { k3sYaml, newAdministrator } from '../../support/k3s-yaml';
import { RecordingTerminal } from '../../support/recording-terminal';
import { scratchFolders } from '../../support/scratch';
import { recordedText } from '../../support/terraform-streams';

const administrator = newAdministrator();

/** What a host says when it is checked. */
let checks = '';
/** What a host says when it is asked which runs it has finished. */
let runs = '';
/** What a host says when it is asked how it is. */
let probe = '';
jest.mock('../../../src/ssh/client', () => ({
  SshClient: class {
    async run(_: Host, __: string, { input }: { input?: string }) {
      if (input?.includes('MIN_FREE_MB=')) return { stdout: checks, stderr: '', exitCode: 0 };
      if (input?.includes('/k3s-cdk/runs/')) return { stdout: runs, stderr: '', exitCode: 0 };
      if (input?.includes('PATIENCE=')) return { stdout: probe, stderr: '', exitCode: 0 };
      const stdout = k3sYaml(await administrator);
      return { stdout, stderr: '', exitCode: 0 };
    }
    async close() {}
  },
}));

let found: Problem[] = [];
let blankDisks: BlankDisk[] = [];
let setUp: string[] = [];
jest.mock('../../../src/preflight/preflight', () => ({
  preflight: async () => ({ problems: found, blankDisks, setUp }),
}));
afterEach(() => {
  found = [];
  blankDisks = [];
  setUp = [];
  checks = '';
  probe = '';
  runs = '';
});

const scratch = scratchFolders();
const cluster = `name: lab
ssh: { user: pi }
hosts:
  - { name: server1, address: 10.0.0.11, roles: [server, database] }
  - { name: server2, address: 10.0.0.12, roles: [server] }
api: { address: 10.0.0.5 }
k3s: { version: v1.36.2+k3s1 }
metallb: { pools: [{ name: lan, addresses: [10.0.0.200-10.0.0.210] }] }
`;
const knownHosts = [
  ...['10.0.0.11', '10.0.0.12', '10.0.0.20', '10.0.0.21', '10.0.0.30'],
  ...Array.from({ length: 78 }, (_, n) => `10.0.0.${101 + n}`),
]
  .map(
    (address) =>
      `${address} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFFDDsRNHsx0MLKtGcZmpQxPJrkBSKM80PxvGRKq0qTS\n`,
  )
  .join('');

const step = (address: string, actions: string[] = ['create'], reason?: string) => ({
  address,
  change: { actions, before: null, after: {} },
  ...(reason !== undefined && { action_reason: reason }),
});
const member = (name: string, actions: string[]) => step(`terraform_data.membership["${name}"]`, actions);
const up = {
  items: [
    {
      kind: 'Node',
      metadata: { name: 'server1' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    },
    ...['Deployment/controller', 'DaemonSet/speaker'].map((name) => ({
      kind: name.split('/')[0],
      metadata: { name: name.split('/')[1], namespace: 'metallb-system' },
      spec: { replicas: 0 },
    })),
  ],
};

interface Given {
  /** `resource_changes` of the plan. */
  readonly plan?: readonly object[];
  /** What the state has of the last apply, as outputs. @default nothing */
  readonly lastApplied?: object;
  /** What `terraform apply` prints. */
  readonly apply?: string;
  /** Bash that `terraform apply` runs after that. */
  readonly afterApply?: string;
  /** Bash for kubectl, by `case "$*"` pattern; before the usual answers. */
  readonly kubectl?: string;
  readonly answers?: readonly boolean[];
  readonly options?: Partial<DeployOptions>;
  readonly environment?: NodeJS.ProcessEnv;
  readonly folder?: string;
  /** Disks of the first host. @default none */
  readonly disks?: string;
  /** More lines of `hosts`. @default none */
  readonly more?: string;
}

/** A project whose Terraform and kubectl are scripts, and what they were called with. */
async function deploy(given: Given) {
  const folder = given.folder ?? scratch();
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = (name: string, body: string) => {
    writeFileSync(join(bin, name), `#!/usr/bin/env bash\necho "${name} $*" >>'${folder}/calls'\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  writeFileSync(join(bin, 'plan.json'), JSON.stringify({ resource_changes: given.plan ?? [] }));
  writeFileSync(join(bin, 'output.json'), JSON.stringify(given.lastApplied ?? {}));
  writeFileSync(join(bin, 'apply.jsonl'), given.apply ?? '');
  writeFileSync(join(bin, 'up.json'), JSON.stringify(up));
  program(
    'terraform',
    `case $1 in
  version) echo 'Terraform v1.11.4' ;;
  plan) echo "  with $TF_VAR_last_applied" >>'${folder}/calls' ;;
  output) cat '${bin}/output.json' ;;
  show) cat '${bin}/plan.json' ;;
  apply) cat '${bin}/apply.jsonl'; ${given.afterApply ?? ':'} ;;
esac`,
  );
  program(
    'kubectl',
    `case "$*" in
  ${given.kubectl ?? ''}
  version*) echo '{"clientVersion": {"gitVersion": "v1.34.1"}}' ;;
  *' get nodes,'*) cat '${bin}/up.json' ;;
  *' -o json'*) echo '{"items": []}' ;;
  *' apply '*) echo 'deployment.apps/controller created' ;;
esac`,
  );
  writeFileSync(
    join(folder, 'lab.yaml'),
    cluster
      .replace('[server, database] }', `[server, database], disks: ${given.disks ?? '[]'} }`)
      .replace('api:', `${given.more ?? ''}api:`),
  );
  writeFileSync(join(folder, 'known_hosts'), knownHosts);
  const terminal = new RecordingTerminal(folder);
  const questions: string[] = [];
  const answers = [...(given.answers ?? [])];
  let interrupt = () => {};
  const began = performance.now();
  const running = deployCommand(
    {
      ...{ file: join(folder, 'lab.yaml'), plan: false, hostsOnly: false },
      ...{ yes: false, replaceDatabase: false, wait: 1 },
      ...given.options,
    },
    {
      now: new Date('2026-11-23T10:00:00Z'),
      clock: () => performance.now() - began,
      confirm: given.answers
        ? async (question) => {
            questions.push(question);
            return answers.shift() ?? false;
          }
        : undefined,
      screen: undefined,
      environment: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, ...given.environment },
      kubeconfig: join(folder, 'kubeconfig'),
      onInterrupt: (handler) => {
        interrupt = handler;
        return () => {};
      },
    },
    terminal,
  );
  return {
    folder,
    questions,
    interrupt: () => interrupt(),
    ended: running.then((exitCode) => ({
      exitCode,
      printed: terminal.printed.map((line) => line.replace(/^\[.*?\] +/, '')),
      errors: terminal.errors,
      calls: existsSync(join(folder, 'calls'))
        ? readFileSync(join(folder, 'calls'), 'utf8').replaceAll(folder, '.')
        : '',
    })),
  };
}

/** Until Terraform's stand-in is at work. */
async function waits(folder: string): Promise<void> {
  for (let attempt = 0; !existsSync(join(folder, 'bin/terraform.waits')); attempt += 1) {
    if (attempt > 500) throw new Error('terraform apply was not called');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const sample = recordedText('terraform', 'failed-apply.jsonl');
const finished = sample
  .split('\n')
  .filter((line) => line.includes('server1_prepare'))
  .join('\n');

test('a renamed cluster is reported before Terraform says that its backend has changed', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'homelab.tfstate'), '{"resources": [{}]}');
  const { ended } = await deploy({ folder, options: { plan: true } });
  const { exitCode, errors, calls } = await ended;
  expect(exitCode).toBe(1);
  expect(errors.join('\n')).toContain(
    "error: The cluster in this folder is 'homelab', and 'lab' would be created from scratch beside it",
  );
  expect(calls).not.toContain('terraform init');
  expect(errors.at(-1)).toBe('to try again: k3s-cdk deploy --plan -f lab.yaml');
});

test('a plan is told what was applied last, so that it can refuse what must not change', async () => {
  const { ended } = await deploy({
    lastApplied: { k3s_version: { value: 'v1.36.2+k3s1' } },
    options: { plan: true },
  });
  const { calls } = await ended;
  expect(calls).toContain('  with {"k3s_version":{"value":"v1.36.2+k3s1"}}\n');
});

test('after an apply that was killed, hosts are asked what they have finished, and the rest runs again', async () => {
  const kept = (address: string, before: object) => ({
    address,
    change: { actions: ['no-op'], before, after: before },
  });
  const plan = [
    kept('null_resource.server1_prepare', { id: '11', triggers: {} }),
    kept('null_resource.server1_k3s', { id: '12', triggers: {} }),
    kept('null_resource.server2_prepare', { id: '21', triggers: {} }),
    kept('null_resource.server2_k3s', { id: '22', triggers: {} }),
    kept('terraform_data.server2_finished', { id: 'x', triggers_replace: { prepare: '21', k3s: '22' } }),
  ];
  runs = 'prepare 9\nprepare 11\nk3s 10\n';
  const { ended } = await deploy({ plan, options: { plan: true } });
  const { calls, printed } = await ended;
  expect(printed).toEqual(
    expect.arrayContaining([
      expect.stringContaining('the last apply did not finish: asking 1 host which of its steps'),
      expect.stringContaining('to be run again: server1 k3s'),
    ]),
  );
  const plans = calls.match(/^terraform plan.*/gm) ?? [];
  expect(plans.map((line) => line.match(/-replace=\S+/g))).toEqual([
    null,
    ['-replace=null_resource.server1_k3s'],
  ]);
  runs += 'k3s 12\n';
  const again = await (await deploy({ plan, options: { plan: true } })).ended;
  expect(again.calls.match(/^terraform plan/gm)).toHaveLength(1);
});

test('where the state is lost and hosts are not, the deploy says that it begins again', async () => {
  const plan = [
    ...['server1', 'server2'].map((name) => member(name, ['create'])),
    step('null_resource.server1_prepare'),
  ];
  setUp = ['server1', 'server2'];
  const { printed } = await (await deploy({ plan, apply: finished })).ended;
  expect(printed).toContain(
    'the state has nothing of this cluster, but server1, server2 were set up before: all steps run again, and change what differs from cluster.yaml',
  );
});

test('a deploy plans, applies, fetches the kubeconfig, applies dist and says where to go', async () => {
  const { folder, ended } = await deploy({
    plan: [member('server1', ['create']), step('null_resource.server1_prepare')],
    apply: finished,
    kubectl: `*'get services '*) echo '{"items": [{"metadata": {"namespace": "web", "name": "web"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}, "status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.200"}]}}}]}' ;;`,
  });
  const { exitCode, printed, errors, calls } = await ended;
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
  expect(printed).toEqual(
    expect.arrayContaining([
      'planning with Terraform 1.11.4',
      'server1 prepare: started',
      expect.stringMatching(/^server1 prepare: done after /),
      'deployment.apps/controller created',
      'added     kubeconfig',
      'try: kubectl get nodes',
      expect.stringMatching(/^lab is deployed in \S+: 1 step on 1 host, 1 object changed in the cluster$/),
      '  10.0.0.200  service web/web, port 80',
    ]),
  );
  const verbs = calls
    .match(/^(terraform \w+|kubectl .*? (apply|get \S+))/gm)
    ?.map((call) => call.replace(/--kubeconfig \S+ /, ''));
  expect(verbs).toEqual([
    ...['terraform version', 'terraform init', 'terraform output', 'terraform plan', 'terraform show'],
    'terraform apply',
    ...[
      'kubectl get --raw',
      'kubectl get manifestsets.k3s-cdk.internal',
      'kubectl apply',
      'kubectl get nodes,deployments,daemonsets,statefulsets,jobs',
    ],
    ...['kubectl get ingresses', 'kubectl get services'],
  ]);
  expect(calls).toMatch(/apply -f \.\/dist --prune --applyset=manifestsets\.k3s-cdk\.internal\/lab/);
  // Neither the plan nor a copy of the credentials stays behind.
  expect(readdirSync(join(folder, '.k3s-cdk')).sort()).toEqual(['applied.json', 'logs']);
  expect((statSync(join(folder, '.k3s-cdk')).mode & 0o777).toString(8)).toBe('700');
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toContain('/.k3s-cdk/');
});

test('--plan shows what would change and exits with 3, or with 0 when nothing would', async () => {
  const dryRun = `*--dry-run=server*) echo 'deployment.apps/controller configured (server dry run)' ;;`;
  const some = await (
    await deploy({ plan: [step('null_resource.server1_k3s')], kubectl: dryRun, options: { plan: true } })
  ).ended;
  expect(some).toMatchObject({ exitCode: 3, errors: [] });
  expect(some.printed.slice(-5)).toEqual([
    'hosts:',
    '  k3s on server1',
    '      runs for the first time',
    'cluster:',
    '  changes deployment.apps/controller',
  ]);
  expect(some.calls).not.toMatch(/terraform apply/);
  const nothing = `*--dry-run=server*) echo 'deployment.apps/controller unchanged (server dry run)' ;;`;
  const none = await (await deploy({ kubectl: nothing, options: { plan: true } })).ended;
  expect(none).toMatchObject({ exitCode: 0, errors: [] });
  expect(none.printed.slice(-4)).toEqual(['hosts:', '  nothing changes', 'cluster:', '  nothing changes']);
});

describe('--hosts-only', () => {
  const options = { hostsOnly: true };
  const node = (name: string, status: string) => ({
    kind: 'Node',
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status }] },
  });
  const nodes = (...found: object[]) => `*' get nodes,'*) echo '${JSON.stringify({ items: found })}' ;;`;
  const plan = [step('null_resource.server2_k3s')];

  test('applies hosts and kubeconfig, waits for the nodes it did something on, and leaves dist alone', async () => {
    const kubectl = nodes(node('server1', 'False'), node('server2', 'True'));
    const { exitCode, printed, errors, calls } = await (await deploy({ plan, kubectl, options })).ended;
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
    expect(printed).toEqual(
      expect.arrayContaining([
        'added     kubeconfig',
        expect.stringMatching(/^lab is deployed in \S+: 1 step on 1 host, dist is left alone$/),
      ]),
    );
    expect(calls).toContain('terraform apply');
    expect(calls).not.toMatch(/kubectl .*(apply|manifestsets)/);
  });

  test('ends with 4 when such a node is not ready in time, and says how to wait again', async () => {
    const kubectl = nodes(node('server1', 'True'), node('server2', 'False'));
    const given = { plan, kubectl, options: { ...options, wait: 0.001 } };
    const { exitCode, errors } = await (await deploy(given)).ended;
    expect(exitCode).toBe(4);
    expect(errors).toContain('  Node server2: not ready');
    expect(errors.at(-1)).toBe(
      'everything is applied; to wait for it again: k3s-cdk deploy --hosts-only -f lab.yaml',
    );
  });

  test('with --plan asks the API nothing, and counts only what changes on hosts', async () => {
    const some = await (await deploy({ plan, options: { ...options, plan: true } })).ended;
    expect(some).toMatchObject({ exitCode: 3, errors: [] });
    expect(some.printed.slice(-2)).toEqual(['cluster:', '  dist is left alone']);
    const none = await (await deploy({ options: { ...options, plan: true } })).ended;
    expect(none).toMatchObject({ exitCode: 0, errors: [] });
    expect(none.calls).not.toMatch(/kubectl .*(get|apply)/);
  });
});

test("a failed step is reported with the host's own error, the log and how to continue", async () => {
  const { folder, ended } = await deploy({
    plan: [step('null_resource.server1_k3s')],
    apply: sample,
    afterApply: 'exit 1',
  });
  const { exitCode, errors, calls } = await ended;
  expect(exitCode).toBe(1);
  expect(errors[0]).toBe('error: server1: k3s does not start');
  expect(errors.slice(-2)).toEqual([
    'log: .k3s-cdk/logs/deploy-20261123T100000Z.log',
    'to continue: k3s-cdk deploy -f lab.yaml; what is done is not repeated',
  ]);
  expect(calls).not.toMatch(/ apply -f/);
  const log = readFileSync(join(folder, '.k3s-cdk/logs/deploy-20261123T100000Z.log'), 'utf8');
  expect(log).toMatch(/null_resource\.server1_k3s: \(remote-exec\): last words/);
});

test.each([
  [2, 10],
  [31, 31],
  [80, 64],
])('of %i hosts, Terraform works on %i steps at once', async (count, lanes) => {
  const range = `[101-${98 + count}]`;
  const more = count > 2 ? `  - { name: 'agent${range}', address: '10.0.0.${range}', roles: [agent] }\n` : '';
  const { ended } = await deploy({ plan: [step('null_resource.server1_k3s')], more });
  const { exitCode, calls } = await ended;
  expect({ exitCode, lanes: calls.match(/^terraform .*-parallelism=\d+/gm) }).toEqual({
    exitCode: 0,
    lanes: [expect.stringMatching(new RegExp(`-parallelism=${lanes}$`))],
  });
});

test('a run that is rejected before any change shows how to try again, with the same options', async () => {
  const refused = await (await deploy({ plan: [member('agent1', ['delete'])], answers: [false] })).ended;
  expect(refused.errors.slice(-3)).toEqual([
    'stopped: nothing was removed',
    'log: .k3s-cdk/logs/deploy-20261123T100000Z.log',
    'to try again: k3s-cdk deploy -f lab.yaml',
  ]);
});

test('a failed step is reported with the manual changes on its host', async () => {
  probe = [
    'step\tload-balancer\tfinished',
    'drift\tload-balancer\tcontent\t/etc/haproxy/k3s-api.cfg',
    'unit\tk3s.service\tloaded\tenabled\tfailed\tfailed\t6',
    'end\n',
  ].join('\n');
  const { ended } = await deploy({
    plan: [step('null_resource.server1_k3s')],
    apply: sample,
    afterApply: 'exit 1',
  });
  const { exitCode, errors } = await ended;
  expect(exitCode).toBe(1);
  expect(errors.join('\n')).toContain(`changed manually there, which may be the reason:
  server1: differs from what step 'load-balancer' put there: '/etc/haproxy/k3s-api.cfg' was changed
  'k3s-cdk status' has the command that puts it back`);
  // A service that is down follows from the failure.
  expect(errors.join('\n')).not.toContain('k3s failed');
});

describe('when hosts are off', () => {
  const agents = ['agent1', 'agent2'].map(
    (name, index) => `  - { name: ${name}, address: 10.0.0.2${index}, roles: [agent] }\n`,
  );
  const off = (host: string) =>
    ({ severity: 'error', code: 'unreachable', host, message: 'gives no answer within 10 s' }) as const;
  const plan = [
    step('null_resource.server1_k3s'),
    step('null_resource.agent1_k3s[0]'),
    step('null_resource.agent2_k3s[0]'),
  ];

  test('those that only run pods are left out: the rest is done, and the end says what is deferred', async () => {
    found = [off('agent2')];
    const { ended } = await deploy({ plan, more: agents.join('') });
    const { exitCode, errors, printed, calls } = await ended;
    expect(exitCode).toBe(4);
    expect(printed).toContain('warning: agent2: gives no answer within 10 s');
    expect(calls.match(/^terraform (plan|apply).*/gm)).toEqual([
      expect.not.stringContaining('-var'),
      expect.stringContaining('-var=deferred=["agent2"]'),
      expect.stringContaining('terraform apply'),
    ]);
    expect(calls).toMatch(/kubectl .* apply -f/);
    expect(errors).toEqual([
      "deferred: agent2. When it is on, run 'k3s-cdk deploy -f lab.yaml', which brings it up to date",
      'until then, with Terraform alone:',
      `  terraform -chdir=cdktf.out/stacks/hosts apply -var 'deferred=["agent2"]'`,
    ]);
  });

  test('one that others need stops the deploy, with the reason', async () => {
    found = [off('agent2'), off('server1')];
    const { ended } = await deploy({ plan, more: agents.join('') });
    const { exitCode, errors, calls } = await ended;
    expect(exitCode).toBe(1);
    expect(errors.slice(0, 4)).toEqual([
      'error: server1: gives no answer within 10 s',
      'only hosts that just run pods can be left for later, so the deploy waits for server1 (server, database)',
      'k3s does not start without its database, which is on server1',
      'nothing was changed on any host',
    ]);
    expect(calls).not.toContain('terraform apply');
  });

  test.each([
    [
      'its only database host',
      ['server1'],
      'k3s does not start without its database, which is on server1',
      'server1 (server, database)',
    ],
    [
      'its NFS server',
      ['storage1'],
      'pods with volumes neither start nor end without the NFS server storage1',
      'storage1 (nfs)',
    ],
  ])('k3s restarts nowhere without %s, although no step runs there', async (_, hosts, reason, names) => {
    found = hosts.map(off);
    const more = `${agents.join('')}  - { name: storage1, address: 10.0.0.30, roles: [nfs] }\n`;
    const { ended } = await deploy({ plan: [step('null_resource.agent1_k3s[0]')], more });
    const { exitCode, errors, calls } = await ended;
    expect({ exitCode, errors: errors.slice(0, 4) }).toEqual({
      exitCode: 1,
      errors: [
        `error: ${hosts[0]}: gives no answer within 10 s`,
        `only hosts that just run pods can be left for later, so the deploy waits for ${names}`,
        reason,
        'nothing was changed on any host',
      ],
    });
    expect(calls).not.toContain('terraform apply');
  });

  test('the database host need not be on where k3s restarts nowhere', async () => {
    found = [off('server1'), off('agent2')];
    const { ended } = await deploy({
      plan: [step('null_resource.agent1_firewall[0]'), step('null_resource.agent2_k3s[0]')],
      more: agents.join(''),
    });
    const { exitCode, printed, calls } = await ended;
    expect(exitCode).toBe(4);
    expect(printed).toContain('warning: server1, agent2: gives no answer within 10 s');
    expect(calls).toContain('terraform apply');
  });

  test('one that is on but rejects the login stops the deploy', async () => {
    found = [{ ...off('agent2'), code: 'permission-denied', message: 'refuses user pi' }];
    const { ended } = await deploy({ plan, more: agents.join('') });
    expect((await ended).exitCode).toBe(1);
  });
});

test('what would make the apply fail stops it before, unless it is about a host that nothing is done on', async () => {
  const problem = { severity: 'error', code: 'disk', message: 'the disk is full' } as const;
  found = [
    { ...problem, host: 'server1' },
    { ...problem, host: 'server2', message: 'is off' },
  ];
  const { ended } = await deploy({ plan: [step('null_resource.server1_k3s')] });
  const { exitCode, errors, printed, calls } = await ended;
  expect(exitCode).toBe(1);
  expect(errors.slice(0, 2)).toEqual(['error: server1: the disk is full', 'nothing was changed on any host']);
  expect(printed).toContain('warning: server2: is off');
  expect(calls).not.toMatch(/terraform apply/);
});

test('a plan shows what happens on the hosts that are named, and on those that leave', async () => {
  const plan = [
    ...[member('agent9', ['delete']), step('null_resource.server1_k3s'), step('null_resource.server2_k3s')],
    ...[step('null_resource.server2_prepare')],
  ];
  const options = { plan: true, hostsOnly: true, hosts: 'server1' };
  const { exitCode, printed } = await (await deploy({ plan, options })).ended;
  expect(exitCode).toBe(3);
  expect(printed.slice(printed.indexOf('hosts:'))).toEqual([
    'hosts:',
    expect.stringMatching(/^ {2}agent9 leaves the cluster/),
    '  k3s on server1',
    '      runs for the first time',
    '  what happens on 1 other host is not shown',
    'cluster:',
    '  dist is left alone',
  ]);
  const wrong = await (await deploy({ plan, options: { ...options, hosts: 'server7' } })).ended;
  expect([wrong.exitCode, wrong.errors[0], wrong.calls]).toEqual([
    1,
    expect.stringMatching(/^error: --hosts 'server7': no host and no group has this name/),
    '',
  ]);
});

test('a deploy of some hosts is refused before anything is done, with the command that shows what it would do', async () => {
  const { folder, ended } = await deploy({ options: { hosts: 'server[1-2]' } });
  const { exitCode, errors, calls } = await ended;
  expect([exitCode, calls, existsSync(join(folder, '.k3s-cdk'))]).toEqual([1, '', false]);
  expect(errors).toEqual([
    expect.stringMatching(/^error: --hosts is for --plan: .* to see what it would do on these:$/),
    "  k3s-cdk deploy --plan --hosts 'server[1-2]' -f lab.yaml",
  ]);
});

test('Ctrl-C asks Terraform to stop, reports what was interrupted and exits with 130', async () => {
  const { interrupt, folder, ended } = await deploy({
    plan: [step('null_resource.server1_prepare'), step('null_resource.server2_k3s')],
    apply:
      sample
        .split('\n')
        .find(
          (line) =>
            line.includes('"apply_start"') && line.includes('server1_prepare') && line.includes('"create"'),
        ) ?? '',
    afterApply: `echo; trap 'echo asked >>"${scratch()}/x"; exit 1' INT; touch "$0.waits"; for i in {1..200}; do sleep 0.05; done`,
  });
  await waits(folder);
  interrupt();
  const { exitCode, printed, errors } = await ended;
  expect(exitCode).toBe(130);
  expect(printed).toContain('stopping … (Ctrl-C again: at once)');
  expect(errors.slice(0, 2)).toEqual([
    'stopped, with 1 step not started',
    'these run to their end on the host, and are waited for and repeated next time: prepare on server1',
  ]);
});

test('a second Ctrl-C ends a Terraform that does not listen', async () => {
  const { interrupt, folder, ended } = await deploy({
    plan: [step('null_resource.server1_prepare')],
    afterApply: `trap '' INT; touch "$0.waits"; for i in {1..400}; do sleep 0.05; done`,
  });
  await waits(folder);
  interrupt();
  interrupt();
  expect((await ended).exitCode).toBe(130);
});

describe('before a disk is formatted', () => {
  const disks = '[{ device: /dev/disk/by-id/ata-1, mount: /srv/postgres, format: if-blank }]';
  const values = ['/dev/disk/by-id/ata-1', '/srv/postgres', 'ext4', 'Samsung SSD', 'S5Y1', '931.5G'];
  const told =
    'server1: /dev/disk/by-id/ata-1 (Samsung SSD, serial S5Y1, 931.5G) is blank: it is formatted with ext4 and mounted at /srv/postgres';
  const plan = [step('null_resource.server1_disks'), step('null_resource.server2_k3s')];
  const disk = (name: string) => readBlankDisk({ name } as Host, values);

  test('a person sees model, serial and size, and is asked; a no leaves everything as it is', async () => {
    blankDisks = [disk('server1'), disk('server2')];
    const { questions, ended } = await deploy({ plan, disks, answers: [false] });
    const { exitCode, errors, printed, calls } = await ended;
    // Nothing is done to the disks of server2.
    expect({ exitCode, questions }).toEqual({ exitCode: 1, questions: ['format 1 disk?'] });
    expect(printed).toContain(told);
    expect(errors[0]).toBe('stopped: nothing was changed on any host');
    expect(calls).not.toMatch(/terraform apply/);
  });

  test('without a terminal --yes is needed, and enough', async () => {
    blankDisks = [disk('server1')];
    const refused = await (await deploy({ plan, disks })).ended;
    expect(refused.errors[0]).toMatch(/^error: this needs confirmation, .* run it again with --yes$/);
    const { exitCode, printed } = await (await deploy({ plan, disks, options: { yes: true } })).ended;
    expect({ exitCode, told: printed.includes(told) }).toEqual({ exitCode: 0, told: true });
  });

  test('--plan reports it, or that the host does not answer', async () => {
    const dryRun = `*--dry-run=server*) ;;`;
    const given = { plan, disks, kubectl: dryRun, options: { plan: true } };
    checks = `time\t1795428000\nblank-disk\t${values.join('\t')}\nend\n`;
    expect((await (await deploy(given)).ended).printed).toContain(`  ${told}`);
    checks = 'time\t1\n';
    expect((await (await deploy(given)).ended).printed).toContain(
      "  server1: it is not known which of its disks are blank: the checks did not finish: run 'k3s-cdk doctor' again",
    );
  });
});

describe('before something is removed', () => {
  const leaves = [member('agent1', ['delete']), step('null_resource.agent1_k3s', ['delete'])];

  test('a person is asked, and a no leaves everything as it is', async () => {
    const { questions, ended } = await deploy({ plan: leaves, answers: [false] });
    const { exitCode, errors, calls } = await ended;
    expect({ exitCode, questions }).toEqual({ exitCode: 1, questions: ['remove agent1?'] });
    expect(errors[0]).toBe('stopped: nothing was removed');
    expect(calls).not.toMatch(/terraform apply/);
  });

  test('without a terminal --yes is needed, and enough', async () => {
    const refused = await (await deploy({ plan: leaves })).ended;
    expect(refused.errors[0]).toBe(
      'error: this needs confirmation, and there is no terminal to ask on: run it again with --yes',
    );
    expect((await (await deploy({ plan: leaves, options: { yes: true } })).ended).exitCode).toBe(0);
  });

  test('one that was off leaves, too, and what is still on it is reported at the end', async () => {
    const { exitCode, errors } = await (await deploy({ plan: leaves, options: { yes: true } })).ended;
    expect(exitCode).toBe(0);
    expect(errors).toContain('warning: agent1 could not be reached, so everything is still installed on it');
    const hook = {
      resource: { addr: 'terraform_data.membership["agent1"]' },
      output: 'agent1 has left the cluster',
    };
    const apply = JSON.stringify({ '@message': '', type: 'provision_progress', hook });
    const well = await (await deploy({ plan: leaves, options: { yes: true }, apply: `${apply}\n` })).ended;
    expect(well.errors.filter((line) => line.includes('agent1'))).toEqual([]);
  });

  test('that a host is off is said before, with what stays on it', async () => {
    // Nobody listens there.
    const before = { input: { host: { host: '127.0.0.1', port: 1 } } };
    const plan = [{ ...member('agent1', []), change: { actions: ['delete'], before, after: null } }];
    const { questions, ended } = await deploy({ plan, answers: [false] });
    const { printed } = await ended;
    expect(questions).toEqual(['remove agent1?']);
    expect(printed).toContain(
      'agent1 leaves the cluster, but refuses the connection: is its SSH server running, on this port? Its node is deleted, and everything stays installed on it: switched on, it joins again.',
    );
  });

  test('a host whose machine stays under another name is reported as renamed, without commands to run on it', async () => {
    const input = { host: { host: '10.0.0.12', port: 22, host_key: 'ssh-ed25519 A' } };
    const change = (actions: string[], before: object | null, after: object | null) => ({
      actions,
      before,
      after,
    });
    const plan = [
      { ...member('srv2', []), change: change(['delete'], { input }, null) },
      { ...member('server2', []), change: change(['create'], null, { input }) },
    ];
    const { printed, errors } = await (await deploy({ plan, options: { yes: true } })).ended;
    expect(printed.find((line) => line.startsWith('srv2'))).toMatch(
      /^srv2 leaves the cluster before its machine becomes server2: its node is drained/,
    );
    expect(errors).toContain('warning: srv2 could not be reached, so everything is still installed on it');
    expect(errors.join()).not.toContain('uninstall.d');
  });

  test('a database that would be left behind takes two answers, which --yes does not give', async () => {
    const plan = [step('null_resource.old_database', ['delete']), step('null_resource.server1_database')];
    const { questions, ended } = await deploy({ plan, answers: [true, false], options: { yes: true } });
    expect((await ended).exitCode).toBe(1);
    expect(questions).toEqual(['replace the database?', 'really continue without the data of old?']);
  });

  test('objects that are gone from dist are listed and asked about', async () => {
    const kubectl = `*manifestsets*) echo '{"items": [{"metadata": {"labels": {"applyset.kubernetes.io/id": "x"}, "annotations": {"applyset.kubernetes.io/contains-group-kinds": "Namespace,Deployment.apps"}}}]}' ;;
  *custom-columns*) printf '%s\\n' 'Namespace <none> web' 'Deployment metallb-system controller' ;;`;
    const { questions, ended } = await deploy({ kubectl, answers: [false] });
    const { printed, calls } = await ended;
    expect(questions).toEqual(['delete 1 object?']);
    expect(printed).toEqual(
      expect.arrayContaining([
        'Namespace web',
        expect.stringContaining('takes along everything that is in it'),
      ]),
    );
    expect(calls).not.toMatch(/ apply -f/);
  });
});

test("a file of one's own in dist is applied, waited for and not taken for something that is gone", async () => {
  const folder = scratch();
  mkdirSync(join(folder, 'dist'));
  const objects = ['Deployment', 'ConfigMap'].map((kind) => `{ kind: ${kind}, metadata: { name: own } }`);
  writeFileSync(join(folder, 'dist/60-own.yaml'), `kind: List\nitems: [${objects}]\n`);
  const kubectl = `*manifestsets*) echo '{"items": [{"metadata": {"labels": {"applyset.kubernetes.io/id": "x"}, "annotations": {"applyset.kubernetes.io/contains-group-kinds": "ConfigMap,Deployment.apps"}}}]}' ;;
  *custom-columns*) printf '%s\n' 'ConfigMap default own' 'Deployment default own' ;;`;
  const { questions, ended } = await deploy({ kubectl, folder, options: { wait: 0 } });
  const { exitCode, errors } = await ended;
  expect(questions).toEqual([]);
  expect(exitCode).toBe(4);
  expect(errors.join('\n')).toContain('Deployment own: not started');
});

test('a file in dist that kubectl could not read stops a deploy before anything is done to hosts', async () => {
  const folder = scratch();
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/60-own.yaml'), 'a: b: c\n');
  const { ended } = await deploy({ folder });
  const { exitCode, errors, calls } = await ended;
  expect(exitCode).toBe(1);
  expect(errors.join('\n')).toMatch(
    /dist\/60-own\.yaml' is not YAML: .+\nstopped: nothing was changed on any host/,
  );
  expect(calls).not.toContain('terraform plan');
});

test('dist is not applied to another cluster that answers at the address', async () => {
  const kubectl = `*--raw*) echo 'Unable to connect: x509: certificate signed by unknown authority' >&2; exit 1 ;;`;
  const { exitCode, errors, calls } = await (await deploy({ kubectl })).ended;
  expect(exitCode).toBe(1);
  expect(errors[0]).toMatch(/^error: what answers at https:\/\/10\.0\.0\.5:6443 is another cluster/);
  expect(calls).not.toMatch(/ apply -f/);
});

/** What kubectl says of a change whose webhook has no pod at the moment. */
const noWebhook = `Error from server (InternalError): error when applying patch:
{"metadata":{}}
for: "dist/10-metallb-config.k8s.yaml": error when patching: Internal error occurred: failed calling webhook "pool.metallb.io": failed to call webhook: connection refused`;

test('a webhook whose pod is just moving to another node is waited for, and dist applied again', async () => {
  const folder = scratch();
  const kubectl = `*' apply '*) [ -e '${folder}/tried' ] && echo 'ipaddresspool.metallb.io/lan configured' || {
    touch '${folder}/tried'; echo 'namespace/web created'; echo '${noWebhook}' >&2; exit 1; } ;;`;
  const { exitCode, printed, errors } = await (await deploy({ kubectl, folder })).ended;
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
  expect(printed).toEqual(
    expect.arrayContaining([
      'waiting for pool.metallb.io',
      'namespace/web created',
      'ipaddresspool.metallb.io/lan configured',
      expect.stringContaining('2 objects changed in the cluster'),
    ]),
  );
});

test('pods that their namespace does not let start are named when their Deployment is applied', async () => {
  const said = 'would violate PodSecurity "restricted:latest": seccompProfile (container "main" must set it)';
  const kubectl = `*' apply '*) echo 'deployment.apps/web created'; echo 'Warning: ${said}' >&2 ;;`;
  const { exitCode, printed } = await (await deploy({ kubectl })).ended;
  expect(exitCode).toBe(0);
  expect(printed).toContain(`warning: a pod ${said}`);
});

test('what is not up in time is reported with its reason, and the exit code is 4', async () => {
  const pod = {
    metadata: { name: 'controller-1', namespace: 'metallb-system' },
    status: { containerStatuses: [{ name: 'x', state: { waiting: { reason: 'ErrImagePull' } } }] },
  };
  const kubectl = `*'get nodes,'*) echo '{"items": [{"kind": "Node", "metadata": {"name": "a"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}]}' ;;
  *' get pods '*) echo '${JSON.stringify({ items: [pod] })}' ;;`;
  const { exitCode, errors } = await (await deploy({ kubectl, options: { wait: 0.001 } })).ended;
  expect(exitCode).toBe(4);
  expect(errors.slice(0, 3)).toEqual([
    'error: not everything is up after 0.1s; Kubernetes keeps trying:',
    '  Deployment metallb-system/controller: not started',
    '    controller-1: ErrImagePull',
  ]);
});

test.each([
  [
    'neither terraform nor tofu',
    { PATH: '/nowhere' },
    /^error: neither terraform nor tofu is installed: install OpenTofu \(https:/,
  ],
  [
    'the one that is named',
    { TERRAFORM_BINARY_NAME: 'terraforn' },
    /^error: 'terraforn' \(TERRAFORM_BINARY_NAME\) is not installed/,
  ],
])('when %s is there, it says how to get one, before anything else', async (_, environment, message) => {
  const { exitCode, errors, calls } = await (await deploy({ environment })).ended;
  expect(exitCode).toBe(1);
  expect(errors[0]).toMatch(message);
  expect(calls).toBe('');
});
