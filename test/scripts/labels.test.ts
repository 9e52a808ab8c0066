import { RecordingHost } from '../support/recording-host';
import { scratchFolders } from '../support/scratch';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();

/** A host with SELinux that remembers what was labelled. */
class LabellingHost extends RecordingHost {
  /** Runs a step; returns the paths that were labelled, in order. */
  labelled(body: string, exitCode = 0): string[] {
    expect(this.run(`restorecon() { shift; printf '%s\\n' "$@" >>/var/labelled; }\n${body}`)).toBe(exitCode);
    const { stdout } = this.bash('cat /var/labelled 2>/dev/null; rm -f /var/labelled');
    return stdout.split('\n').filter(Boolean);
  }
}

const place = 'echo one >$here/f; place_file 0644 root:root $here/f /etc/one';
/** As k3s.sh does, which restarts k3s after an exchange only. */
const set = `new=/var/lib/new; mkdir -p $new/etc; echo two >$new/etc/two; ln -sfn one $new/etc/link
  in_place $new || exchange_files /nowhere $new`;
const dies = 'label() { echo as wanted >&2; exit 3; }';

testInSandbox('files and links have the labels of where they are, not of where they come from', () => {
  const host = new LabellingHost(scratch());
  expect(host.labelled(place)).toEqual(['/etc/one']);
  expect(host.labelled(set).sort()).toEqual(['/etc/link', '/etc/two']);
});

testInSandbox('what a run has placed that died before the label gets it from the next one', () => {
  const host = new LabellingHost(scratch());
  expect(host.labelled(`${dies}\n${place}`, 3)).toEqual([]);
  expect(host.labelled(place)).toEqual(['/etc/one']);
  // It dies twice: a file and a link.
  for (const _ of ['two', 'link']) expect(host.labelled(`${dies}\n${set}`, 3)).toEqual([]);
  expect(host.labelled(set)).toEqual(expect.arrayContaining(['/etc/link', '/etc/two']));
});
