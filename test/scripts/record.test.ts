import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolders } from '../support/scratch';
import { testInSandbox } from '../support/script-sandbox';

const scratch = scratchFolders();
/** sha256 of `one` and a newline. */
const sha256 = '2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806';

/** A host on which the step `x` is run again and again; its `/etc` and `/var` are folders of the test. */
class Host {
  readonly folder = scratch();

  constructor() {
    for (const name of ['run', 'etc', 'var']) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/bash\n');
    writeFileSync(join(this.folder, 'etc/group'), 'root:x:0:\n');
  }

  /** Exit code of the step. */
  run(body: string): number | null {
    const step = join(this.folder, 'x.123');
    mkdirSync(step);
    for (const name of ['start.sh', 'lib.sh', 'lib-record.sh', 'lib-file-set.sh'])
      cpSync(`src/hosts/scripts/${name}`, join(step, name));
    const head = 'set -euo pipefail\nhere=${BASH_SOURCE[0]%/*}\n. $here/lib.sh\n. $here/lib-file-set.sh\n';
    writeFileSync(join(step, 'run.sh'), `${head}${body}\n`);
    const mounts = ['run', 'etc', 'var'].map((name) => `mount --bind ${this.folder}/${name} /${name}`);
    const script = `${mounts.join(' && ')} && mkdir -p /run/lock && exec bash ${step}/start.sh x`;
    const { status, stderr } = spawnSync(
      'unshare',
      ['--user', '--map-root-user', '--mount', 'bash', '-ec', script],
      {
        encoding: 'utf8',
      },
    );
    if (status !== 0 && !stderr.includes('as wanted')) throw new Error(stderr);
    return status;
  }

  record(name = 'x'): string[] | undefined {
    const file = join(this.folder, 'var/lib/k3s-cdk/records', name);
    if (!existsSync(file)) return undefined;
    // Times differ.
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replace(/ 4 \d+ /, ' 4 TIME '));
  }
}

const place = (text: string, path: string) =>
  `echo ${text} >$here/f; place_file 0640 root:root $here/f ${path}`;
const fail = 'echo as wanted >&2; exit 3';

testInSandbox('a step leaves a record of its files, links and units, and of no others', () => {
  const host = new Host();
  host.run(`${place('one', '/etc/a/one')}; remove_file /etc/a/two
    mkdir -p $here/set/etc; echo one >$here/set/etc/three; ln -s a/one $here/set/etc/link
    exchange_files /nowhere $here/set; record unit x.service`);
  const files = host.record()?.slice(2, 4).sort();
  expect([
    ...(host.record()?.slice(0, 2) ?? []),
    ...(files ?? []),
    ...(host.record()?.slice(4) ?? []),
  ]).toEqual([
    `file ${sha256} 4 TIME 0640 root:root /etc/a/one`,
    'gone /etc/a/two',
    `file ${sha256} 4 TIME 0644 root:root /etc/three`,
    'link a/one /etc/link',
    'unit x.service',
  ]);
  host.run(place('one', '/etc/a/one'));
  expect(host.record()).toEqual([`file ${sha256} 4 TIME 0640 root:root /etc/a/one`]);
});

testInSandbox('a step that fails keeps what it has changed beside the record of the last good run', () => {
  const host = new Host();
  host.run(place('good', '/etc/a'));
  expect(host.run(`${place('one', '/etc/b')}; ${fail}`)).toBe(3);
  expect(host.record()).toHaveLength(1);
  expect(host.record('x.unfinished')).toEqual([`file ${sha256} 4 TIME 0640 root:root /etc/b`]);
  // The next one fails before it comes to that file.
  expect(host.run(fail)).toBe(3);
  expect(host.record()?.map((line) => line.split(' ').at(-1))).toEqual(['/etc/a', '/etc/b']);
  host.run('true');
  expect(host.record('x.unfinished')).toBeUndefined();
});
