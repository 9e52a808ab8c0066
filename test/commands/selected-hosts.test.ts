import { selectedHosts } from '../../src/commands/selected-hosts';
import { configOf } from '../support/config';
import { RecordingTerminal } from '../support/recording-terminal';

const config = configOf(`name: fleet
ssh: { user: pi }
groups:
  workers: { roles: [agent] }
  spare: { roles: [agent] }
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: "agent[01-40]", group: workers, address: "192.168.10.[101-140]" }
  - { name: gpu1, address: 192.168.10.150, roles: [agent] }
k3s: { version: v1.36.2+k3s1 }
`);

function select(list: string | undefined): string[] {
  const terminal = new RecordingTerminal('/');
  const found = selectedHosts(list, config, terminal);
  return found ? [...(found.only ?? ['all'])] : [...terminal.errors];
}

test.each([
  ['storage1', ['storage1']],
  ['agent[03-05], gpu1', ['agent03', 'agent04', 'agent05', 'gpu1']],
  ['agent[39-99]', ['agent39', 'agent40']],
  ['agent01,agent[01-02],agent01', ['agent01', 'agent02']],
])('%s are %j', (list, names) => {
  expect(select(list)).toEqual(names);
});

test('without a list all are meant', () => {
  expect(select(undefined)).toEqual(['all']);
});

test('a group is all of its hosts', () => {
  expect(select('workers')).toHaveLength(40);
});

test.each([
  ['agnt07', /^error: --hosts 'agnt07': no host and no group has this name; did you mean agent07\?/],
  ['worker', /did you mean workers\?/],
  ['agent[1-9]', /did you mean agent01\?/],
  ['nas', /there are storage1, server1, agent\[01-40\], gpu1, in groups workers, spare$/],
  ['agent[9-1]', /'agent\[9-1\]' is not a range: its last number is smaller than its first/],
  ['spare', /^error: --hosts 'spare': no host is in this group$/],
  ['', /^error: --hosts '': no host/],
])('%j stands for no host, and the error says what does', (list, error) => {
  expect(select(list)).toEqual([expect.stringMatching(error)]);
});

test('all that stands for none is told at once', () => {
  expect(select('x1,agent01,x2')).toHaveLength(2);
});
