import { spawnSync } from 'node:child_process';
import { answers, testWhen } from '../support/needs';

const testPython = testWhen(
  answers('python3', '--version'),
  'what runs beside Patroni is not run: python3 is missing',
);

interface Answer {
  readonly status?: number;
  readonly [field: string]: unknown;
}

/**
 * What is asked by a look of the watch, as `ADDRESS PATH BODY`.
 *
 * @param replies what is answered at `ADDRESS PATH`; nothing answers elsewhere
 */
function look(module: string, call: string, replies: Readonly<Record<string, Answer>>, free = 0): string[] {
  const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "src/roles/database-cluster")
import patroni_rest
given = json.load(sys.stdin)
asked = []
def ask(address, method, path, body=None):
    asked.append(" ".join(part for part in (address, path, body) if part))
    reply = given["replies"].get(f"{address} {path}")
    return None if reply is None else (reply.get("status", 200), json.dumps(reply))
patroni_rest.ask = ask
patroni_rest.config = lambda: {"name": "storage1", "restapi": {"connect_address": "here"}, "etcd3": {"hosts": ["one", "two", "witness"]}}
patroni_rest.log = lambda line: None
import ${module}
class Space:
    f_bavail, f_frsize = given["free"], 1
${module}.os = type("os", (), {"statvfs": lambda path: Space, "environ": {}})
${module}.${call}()
${module}.${call}()
print(json.dumps(asked))`;
  const { stdout, stderr } = spawnSync('python3', ['-c', program], {
    input: JSON.stringify({ replies, free }),
    encoding: 'utf8',
  });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const members = [
  { name: 'storage1', role: 'leader', state: 'running' },
  { name: 'storage2', role: 'sync_standby', state: 'streaming', lag: 0 },
];
const full = (list: readonly object[]) => ({ 'here /cluster': { members: list }, 'here /switchover': {} });

testPython(
  'a primary whose disk is full asks Patroni once to hand over, to a standby that has everything',
  () => {
    const switchover = 'here /switchover {"leader": "storage1", "candidate": "storage2"}';
    expect(look('full_disk', 'hand_over_if_full', full(members))).toEqual(['here /cluster', switchover]);
    expect(look('full_disk', 'hand_over_if_full', full(members), 2 ** 30)).toEqual([]);
  },
);

testPython(
  'a host whose disk is full asks for nothing when it is no primary, or no standby has everything',
  () => {
    const twice = ['here /cluster', 'here /cluster'];
    const behind = members.map((member) => ({
      ...member,
      role: member.role.replace('sync_standby', 'replica'),
    }));
    const standby = members.map((member, index) => ({ ...member, name: `storage${2 - index}` }));
    for (const list of [behind, standby])
      expect(look('full_disk', 'hand_over_if_full', full(list))).toEqual(twice);
  },
);

const etcd = (leader: string) => ({
  'one /v3/maintenance/status': { header: { member_id: '1' }, leader },
  'one /v3/cluster/member/list': {
    members: [
      { ID: '1', name: 'storage1', clientURLs: ['https://one'] },
      { ID: '2', name: 'storage2', clientURLs: ['https://two'] },
      { ID: '3', name: 'server1', clientURLs: ['https://witness'] },
      { ID: '4', name: 'new' },
    ],
  },
});
const status = 'one /v3/maintenance/status {}';
const transfer = (id: string) => `one /v3/maintenance/transfer-leadership {"targetID": "${id}"}`;

testPython('the leader of etcd leaves the host of the primary: for the witness, or for a standby', () => {
  const primary = { ...etcd('1'), 'here /primary': {} };
  const accepts = { 'one /v3/maintenance/transfer-leadership': {} };
  const list = 'one /v3/cluster/member/list {}';
  const once = [status, 'here /primary', list, transfer('3')];
  expect(look('etcd_leader', 'move_away', { ...primary, ...accepts })).toEqual([...once, ...once]);
  const both = [...once, transfer('2')];
  expect(look('etcd_leader', 'move_away', primary)).toEqual([...both, ...both]);
});

testPython('it stays where it is elsewhere', () => {
  expect(look('etcd_leader', 'move_away', { ...etcd('2'), 'here /primary': {} })).toEqual([status, status]);
  expect(look('etcd_leader', 'move_away', { ...etcd('1'), 'here /primary': { status: 503 } })).toEqual([
    status,
    'here /primary',
    status,
    'here /primary',
  ]);
  expect(look('etcd_leader', 'move_away', {})).toEqual([status, status]);
});
