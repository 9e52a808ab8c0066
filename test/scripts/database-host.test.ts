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
patroni_rest.config = lambda: {"name": "storage1", "restapi": {"connect_address": "here", "allowlist": ["10.0.0.1", "10.0.0.2"]}, "etcd3": {"hosts": ["10.0.0.1:2379", "10.0.0.2:2379", "10.0.0.3:2379"]}}
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

testPython('a primary whose disk is full asks Patroni once to hand over to the synchronous standby', () => {
  const switchover = 'here /switchover {"leader": "storage1", "candidate": "storage2"}';
  expect(look('full_disk', 'hand_over_if_full', full(members))).toEqual(['here /cluster', switchover]);
  expect(look('full_disk', 'hand_over_if_full', full(members), 2 ** 30)).toEqual([]);
});

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

const state = (address: string, id: string, leader: string) => ({
  [`${address} /v3/maintenance/status`]: { header: { member_id: id }, leader },
});
const etcd = (leader: string) => ({
  ...state('10.0.0.1:2379', '1', leader),
  ...state('10.0.0.2:2379', '2', leader),
  ...state('10.0.0.3:2379', '3', leader),
});
const primary = { 'here /primary': {} };
const transfers = { '10.0.0.1:2379 /v3/maintenance/transfer-leadership': {} };
const status = (host: number) => `10.0.0.${host}:2379 /v3/maintenance/status {}`;
const transfer = (id: string) => `10.0.0.1:2379 /v3/maintenance/transfer-leadership {"targetID": "${id}"}`;

/** One of two equal looks. */
function moveAway(replies: Readonly<Record<string, Answer>>): string[] {
  const asked = look('etcd_leader', 'move_away', replies);
  const once = asked.slice(0, asked.length / 2);
  expect(asked).toEqual([...once, ...once]);
  return once;
}

testPython('the leader of etcd leaves every database host for the witness', () => {
  const toWitness = [status(1), 'here /primary', status(3), transfer('3')];
  expect(moveAway({ ...etcd('1'), ...primary, ...transfers })).toEqual(toWitness);
  expect(moveAway({ ...etcd('1'), ...transfers })).toEqual(toWitness);
});

testPython(
  'it leaves the host of the primary for a standby when the witness is off or has another leader',
  () => {
    const toStandby = [status(1), 'here /primary', status(3), status(2), transfer('2')];
    const { '10.0.0.3:2379 /v3/maintenance/status': _, ...withoutWitness } = etcd('1');
    expect(moveAway({ ...withoutWitness, ...primary, ...transfers })).toEqual(toStandby);
    expect(moveAway({ ...etcd('1'), ...state('10.0.0.3:2379', '3', '2'), ...primary, ...transfers })).toEqual(
      toStandby,
    );
  },
);

testPython('it stays on the host of a standby when the witness is off, and where it is elsewhere', () => {
  const { '10.0.0.3:2379 /v3/maintenance/status': _, ...withoutWitness } = etcd('1');
  expect(moveAway(withoutWitness)).toEqual([status(1), 'here /primary', status(3)]);
  expect(moveAway({ ...etcd('2'), ...primary })).toEqual([status(1)]);
  expect(moveAway({})).toEqual([status(1)]);
});
