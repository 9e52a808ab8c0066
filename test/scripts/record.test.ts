import { RecordingHost } from '../support/recording-host';
import { scratchFolders } from '../support/scratch';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();
/** sha256 of `one` and a newline. */
const sha256 = '2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806';

const place = (text: string, path: string) =>
  `echo ${text} >$here/f; place_file 0640 root:root $here/f ${path}`;
const fail = 'echo as wanted >&2; exit 3';

testInSandbox('a step leaves a record of its files, links and units, and of no others', () => {
  const host = new RecordingHost(scratch());
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
  const host = new RecordingHost(scratch());
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
