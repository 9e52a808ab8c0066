import { RecordingHost } from '../support/recording-host';
import { scratchFolders } from '../support/scratch';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();
const place = (text: string, path: string) =>
  `echo ${text} >$here/f; place_file 0640 root:root $here/f ${path}`;
const large = 'truncate -s 9M $here/large; place_file 0644 root:root $here/large /var/large';

testInSandbox('the probe finds no difference where there is none', () => {
  const host = new RecordingHost(scratch());
  host.run(`${place('one', '/etc/a')}; ${large}; ln -s a $here/l; record unit x.service`);
  expect(host.probe()).toEqual(['step x finished', 'step-unit x x.service']);
});

testInSandbox('the probe finds what was changed, removed, linked elsewhere or given away by hand', () => {
  const host = new RecordingHost(scratch());
  host.run(`${place('one', '/etc/changed')}; ${place('two', '/etc/gone')}; ${place('three', '/etc/open')}; ${large}
    mkdir -p $here/set/etc; ln -s open $here/set/etc/link; exchange_files /nowhere $here/set`);
  host.bash(
    'echo more >>/etc/changed; rm /etc/gone; chmod 0644 /etc/open; ln -sfn changed /etc/link; echo >>/var/large',
  );
  expect(host.probe()).toEqual([
    'drift x content /etc/changed',
    'drift x content /var/large',
    'drift x link /etc/link open changed',
    'drift x missing /etc/gone',
    'drift x mode /etc/open 0640 root:root 0644 root:root',
    'step x finished',
  ]);
  // The next run of the step puts it right.
  host.run(`${place('one', '/etc/changed')}; ${place('two', '/etc/gone')}; ${place('three', '/etc/open')}; ${large}
    mkdir -p $here/set/etc; ln -s open $here/set/etc/link; exchange_files /nowhere $here/set`);
  expect(host.probe()).toEqual(['step x finished']);
});

testInSandbox('a failed step is told, and its changes are no difference', () => {
  const host = new RecordingHost(scratch());
  host.run(place('one', '/etc/a'));
  host.run(`${place('two', '/etc/a')}; echo as wanted >&2; exit 1`);
  expect(host.probe()).toEqual(['step x unfinished']);
});

testInSandbox('a first run that failed is told as well', () => {
  const host = new RecordingHost(scratch());
  host.run(`${place('one', '/etc/a')}; echo as wanted >&2; exit 1`);
  expect(host.probe()).toEqual(['step x unfinished']);
});
