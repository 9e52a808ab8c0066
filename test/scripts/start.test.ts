import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolders } from '../support/scratch';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();

/** What Terraform brings: a step that runs `body`, with a folder of secrets in it. */
function upload(staging: string, body: string, step = 'x'): void {
  mkdirSync(join(staging, `${step}/secrets`), { recursive: true });
  cpSync('src/hosts/start.sh', join(staging, `${step}/start.sh`));
  writeFileSync(join(staging, `${step}/run.sh`), `set -eu\n${body}\n`);
  writeFileSync(join(staging, `${step}/secrets/key`), 'secret\n');
}

/** As root of a namespace with a /run of its own. */
const command = (staging: string, step = 'x') => [
  '--user',
  '--map-root-user',
  '--mount',
  'bash',
  '-ec',
  `mount -t tmpfs tmpfs /run && mkdir -p /run/lock && mount --bind ${staging}/lock /run/lock && mkdir -p ${staging}/lock/var && mount --bind ${staging}/lock/var /var && exec bash ${staging}/${step}/start.sh ${step} 4711 secrets`,
];

function folder(): string {
  const staging = scratch();
  mkdirSync(join(staging, 'lock'));
  return staging;
}

function writeAnHourAgo(path: string): void {
  const time = Date.now() / 1000 - 3600;
  writeFileSync(path, '');
  utimesSync(path, time, time);
}

testInSandbox('a step finds its files and secrets in a folder that is gone when it ends', () => {
  const staging = folder();
  upload(staging, 'cat "$1/key"; stat -c %a "${0%/*}/.."');
  const { status, stdout } = spawnSync('unshare', command(staging), { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'secret\n700\n' });
  expect(readdirSync(staging)).toEqual(['lock']);
});

testInSandbox(
  'a run that has finished is known afterwards, among the last ones, and one that failed is not',
  () => {
    const staging = folder();
    const known = () => {
      const file = join(staging, 'lock/var/lib/k3s-cdk/runs/x');
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    };
    upload(staging, 'exit 7');
    spawnSync('unshare', command(staging));
    expect(known()).toEqual([]);
    for (let run = 0; run < 22; run++) {
      upload(staging, 'true');
      expect(spawnSync('unshare', command(staging)).status).toBe(0);
    }
    expect(known()).toEqual(Array(20).fill('4711'));
  },
);

testInSandbox(
  "on a host with a strict umask others can read what a step makes, and its secrets' files stay private",
  () => {
    const staging = folder();
    cpSync('src/roles/lib/lib.sh', join(staging, 'lib.sh'));
    const body = `. ${staging}/lib.sh
place_file 0755 root:root "$0" /var/libexec/keepalived/check
place_file 0600 root:root "$1/key" /var/etc/k3s/token
stat -c '%a %n' /var/libexec/keepalived{,/check} /var/etc/k3s{,/token} /var/lib/k3s-cdk /var/lib/k3s-cdk/records/x.unfinished`;
    upload(staging, body);
    const [program, ...args] = ['sh', '-c', 'umask 077; exec unshare "$@"', '-', ...command(staging)];
    const { status, stdout } = spawnSync(program ?? '', args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => /^\d/.test(line))).toEqual([
      '755 /var/libexec/keepalived',
      '755 /var/libexec/keepalived/check',
      '755 /var/etc/k3s',
      '600 /var/etc/k3s/token',
      '700 /var/lib/k3s-cdk',
      '600 /var/lib/k3s-cdk/records/x.unfinished',
    ]);
  },
);

testInSandbox('a step that fails leaves no secret behind, and its status is the status', () => {
  const staging = folder();
  upload(staging, 'exit 7');
  expect(spawnSync('unshare', command(staging)).status).toBe(7);
  expect(readdirSync(staging)).toEqual(['lock']);
});

testInSandbox(
  'what a power cut left of the same step is removed, and nothing of others or of a run that waits',
  async () => {
    const staging = folder();
    for (const name of ['run.x.abcdef/step/secrets', 'run.x.waits/step/secrets', 'run.x-y.abcdef/step'])
      mkdirSync(join(staging, name), { recursive: true });
    const waits = spawn('flock', [join(staging, 'run.x.waits'), 'sh', '-c', 'echo held; cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    await once(waits.stdout, 'data');
    upload(staging, 'true');
    expect(spawnSync('unshare', command(staging)).status).toBe(0);
    waits.stdin.end();
    await once(waits, 'exit');
    expect(readdirSync(staging)).toEqual(['lock', 'run.x-y.abcdef', 'run.x.waits']);
  },
);

testInSandbox('what Terraform ran a while ago is removed, and nothing that it may be about to run', () => {
  const staging = folder();
  upload(staging, 'true');
  writeFileSync(join(staging, 'new.sh'), '');
  writeAnHourAgo(join(staging, 'old.sh'));
  expect(spawnSync('unshare', command(staging)).status).toBe(0);
  expect(readdirSync(staging)).toEqual(['lock', 'new.sh']);
});

testInSandbox(
  'steps that start at the same time do not mind what the other one removes or moves',
  async () => {
    const staging = folder();
    for (let number = 0; number < 3000; number++) writeAnHourAgo(join(staging, `${number}.sh`));
    const steps = ['a', 'b', 'c', 'd'];
    for (const step of steps) upload(staging, 'true', step);
    const endings = steps.map(async (step) => {
      const [status] = await once(spawn('unshare', command(staging, step), { stdio: 'ignore' }), 'exit');
      return status;
    });
    expect(await Promise.all(endings)).toEqual([0, 0, 0, 0]);
    expect(readdirSync(staging)).toEqual(['lock']);
  },
);

testInSandbox(
  'what is left in the home folder goes: emptied scripts after seconds, others after half a minute',
  () => {
    const home = scratch();
    const staging = join(home, '.k3s-cdk');
    mkdirSync(join(staging, 'lock'), { recursive: true });
    upload(staging, 'true');
    const left = {
      '.k3s-cdk-1.sh': { text: '', seconds: 7 },
      '.k3s-cdk-2.sh': { text: '', seconds: 0 },
      '.k3s-cdk-3.sh': { text: 'sent, never started', seconds: 31 },
      '.k3s-cdk-4.sh': { text: 'about to start', seconds: 20 },
    };
    for (const [name, { text, seconds }] of Object.entries(left)) {
      writeFileSync(join(home, name), text);
      const then = Date.now() / 1000 - seconds;
      utimesSync(join(home, name), then, then);
    }
    expect(spawnSync('unshare', command(staging)).status).toBe(0);
    expect(readdirSync(home).sort()).toEqual(['.k3s-cdk', '.k3s-cdk-2.sh', '.k3s-cdk-4.sh']);
  },
);

testInSandbox('a step waits for an earlier run of itself, which keeps its files', async () => {
  const staging = folder();
  upload(
    staging,
    `touch ${staging}/started; sleep 1; cat "$1/key" >>${staging}/order; echo first >>${staging}/order`,
  );
  const first = spawn('unshare', command(staging), { stdio: 'ignore' });
  const ended = new Promise((resolve) => first.on('exit', resolve));
  while (!existsSync(join(staging, 'started'))) await new Promise((resolve) => setTimeout(resolve, 20));
  upload(staging, `echo second >>${staging}/order; cat ${staging}/order`);
  const second = spawnSync('unshare', command(staging), { encoding: 'utf8' });
  expect(await ended).toBe(0);
  expect(second.stdout).toBe('secret\nfirst\nsecond\n');
});
