import { spawnSync } from 'node:child_process';
import { answers, testWhen } from '../support/needs';

const testPython = testWhen(
  answers('python3', '--version'),
  'the guard of several database hosts is not run: python3 is missing',
);

interface Situation {
  /** What etcd has, by the names of its keys. */
  readonly etcd?: Readonly<Record<string, unknown>>;
  /** What Patroni on hosts says: this one is `here`. One that is not there does not answer. */
  readonly hosts?: Readonly<Record<string, object>>;
  /** Timeline of the data here. */
  readonly timeline?: number;
  /** Timeline on which this host was a primary without a standby. */
  readonly sole?: string;
  /** Whether somebody else has written to etcd meanwhile. */
  readonly isTaken?: boolean;
}

/** A standby with data up to a position. */
const standby = (received_location: number) => ({
  database_system_identifier: '7',
  role: 'replica',
  xlog: { received_location },
});

/** Whether the guard lets this host become the primary, and what it says. */
function mayPromote({ etcd = {}, hosts = {}, timeline = 1, sole, isTaken }: Situation): [boolean, string] {
  const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "src/roles/database-cluster")
import guard_promotion as guard
given = json.load(sys.stdin)
guard.config = lambda: {"name": "storage1", "restapi": {"connect_address": "here"}}
guard.others = lambda: {"storage2": "storage2"}
guard.status = lambda address: given["hosts"].get(address)
guard.timeline = lambda: given["timeline"]
guard.read = lambda path: given.get("sole") if path == guard.SOLE else None
text = lambda value: value if isinstance(value, str) else json.dumps(value)
# What each key has been, the newest last; Patroni has put this host into "sync" before the guard is asked.
kept = {name: [text(value)] for name, value in given["etcd"].items()}
kept.setdefault("sync", []).append(json.dumps({"leader": "storage1", "sync_standby": None}))
def read_key(name, revision=None):
    values = kept.get(name, [])
    at = len(values) if revision is None else revision
    return {"value": values[at - 1], "revision": at} if 0 < at <= len(values) else None
guard.read_key = read_key
def put_keys(values):
    print("etcd:", ", ".join(f"{name} {value}" for name, (value, before) in values.items()), file=sys.stderr)
    return not given.get("isTaken")
guard.put_keys = put_keys
guard.dynamic_config = lambda: {"ttl": 20, "failsafe_mode": True}
guard.delete_key = lambda name: print("deleted", name, file=sys.stderr)
sys.exit(0 if guard.may_promote() else 1)`;
  const input = JSON.stringify({ etcd, hosts: { here: standby(100), ...hosts }, timeline, sole, isTaken });
  const { status, stderr } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error(stderr);
  return [status === 0, stderr.trim()];
}

testPython('etcd that knows who has everything is believed, as Patroni has kept to it', () => {
  expect(mayPromote({ etcd: { sync: { leader: 'storage2', sync_standby: 'storage1' } } })).toEqual([
    true,
    '',
  ]);
});

testPython(
  'etcd is believed after the first promotion, also when Patroni has put this host there again',
  () => {
    expect(mayPromote({ etcd: { promoted: 'storage1' } })).toEqual([true, '']);
  },
);

testPython('no standby takes over from a host that goes back to a single Postgres', () => {
  const sync = { leader: 'storage2', sync_standby: 'storage1' };
  const [may, said] = mayPromote({ etcd: { alone: 'storage2', sync } });
  expect(may).toBe(false);
  expect(said).toContain("'storage2' goes on alone, as a single Postgres");
  expect(mayPromote({ etcd: { alone: 'storage1', sync } })[0]).toBe(true);
});

testPython('with an empty etcd, no host becomes the primary before the other one has been asked', () => {
  const [may, said] = mayPromote({});
  expect(may).toBe(false);
  // What Patroni has put there would keep every other host from becoming the primary.
  expect(said).toContain('deleted sync');
  expect(said).toContain("'storage2' does not answer, which may have newer data");
});

testPython('with an empty etcd, a host with the newest data becomes the primary', () => {
  expect(mayPromote({ hosts: { storage2: standby(100) } })[0]).toBe(true);
  expect(mayPromote({ hosts: { storage2: { role: 'uninitialized' } } })[0]).toBe(true);
});

testPython('with the first promotion begins what lets a primary go on without etcd', () => {
  const hosts = { storage2: standby(100) };
  const [may, said] = mayPromote({ etcd: { config: { ttl: 30, failsafe_mode: false } }, hosts });
  expect(may).toBe(true);
  expect(said).toContain('etcd: promoted storage1, config {"ttl": 30, "failsafe_mode": true}');
  // Also when etcd has forgotten the settings too.
  expect(mayPromote({ hosts })[1]).toContain('config {"ttl": 20, "failsafe_mode": true}');
  expect(mayPromote({ hosts, isTaken: true })).toEqual([
    false,
    expect.stringContaining('the settings in etcd have changed at the same time'),
  ]);
});

testPython('until then a host that is refused leaves nothing in etcd that keeps the others out', () => {
  const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "src/roles/database-cluster")
import guard_etcd_memory as guard
guard.dynamic_config = lambda: {"ttl": 20, "failsafe_mode": True}
guard.read_key = lambda name: None
guard.put_key = lambda name, value, before: print(name, value)
guard.restore_settings()`;
  const { stdout } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
  expect(stdout).toBe('config {"ttl": 20, "failsafe_mode": false}\n');
});

testPython('with an empty etcd, a host does not become the primary that lacks what another one has', () => {
  expect(mayPromote({ hosts: { storage2: standby(101) } })[1]).toContain("'storage2' has newer data");
  expect(mayPromote({ hosts: { storage2: { ...standby(0), role: 'primary' } } })[1]).toContain(
    'is a primary',
  );
  const starting = { database_system_identifier: '7', role: 'replica' };
  expect(mayPromote({ hosts: { storage2: starting } })[1]).toContain('does not say yet how new its data is');
});

testPython('data of an older timeline never wins, however much of it there is', () => {
  const history = [
    [1, 50, 'a'],
    [2, 90, 'b'],
  ];
  const hosts = { storage2: standby(95) };
  expect(mayPromote({ etcd: { history }, timeline: 2, hosts })[1]).toContain('timeline 3 is newer than 2');
  expect(mayPromote({ etcd: { history }, timeline: 3, hosts })[0]).toBe(true);
});

testPython(
  'a host that was left behind on an older timeline holds up nobody, however much of it there is',
  () => {
    const behind = { ...standby(120), timeline: 2, xlog: { received_location: 120, replayed_location: 120 } };
    expect(mayPromote({ timeline: 3, hosts: { storage2: behind } })[0]).toBe(true);
    expect(mayPromote({ timeline: 2, hosts: { storage2: behind } })[0]).toBe(false);
    // What it has not replayed yet may be of a newer one.
    const unread = { ...behind, xlog: { received_location: 120, replayed_location: 110 } };
    expect(mayPromote({ timeline: 3, hosts: { storage2: unread } })[0]).toBe(false);
  },
);

testPython('a primary that had no standby does not wait for anybody, unless a later one is known of', () => {
  expect(mayPromote({ timeline: 4, sole: '4' })[0]).toBe(true);
  expect(mayPromote({ timeline: 5, sole: '4' })[0]).toBe(false);
  expect(mayPromote({ timeline: 4, sole: '4', etcd: { history: [[4, 1, 'x']] } })[0]).toBe(false);
});

testPython('a host whose Postgres is none yet counts as a candidate, whatever Patroni says of it', () => {
  const members = (role: string) => {
    const program = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "src/roles/database-cluster")
import guard_links as guard
guard.config = lambda: {"restapi": {"connect_address": "here"}}
listed = [{"name": "storage1", "role": "leader", "state": "running", "api_url": "https://10.0.0.1:8008/patroni"}]
answers = {"/cluster": {"members": listed}, "/patroni": {"role": "${role}"}}
guard.ask = lambda address, method, path: (200, json.dumps(answers.get(path)))
print(list(guard.members()))`;
    const { stdout, stderr } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
    return stdout.trim() || stderr;
  };
  expect(members('replica')).toBe("[('storage1', 'candidate', 'running', 'unknown')]");
  expect(members('primary')).toBe("[('storage1', 'leader', 'running', 0)]");
});

/** Whom a host whose disk has so many bytes left hands over to. */
function handsOver(available: number, members: readonly (readonly string[])[]): string {
  const program = `
import json, os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "src/roles/database-cluster")
import guard_disk as guard
given = json.load(sys.stdin)
class Space:
    f_bavail, f_frsize = given["available"], 1
os.statvfs = lambda path: Space
guard.config = lambda: {"name": "storage1", "restapi": {"connect_address": "here"}}
guard.members = lambda: given["members"]
guard.ask = lambda address, method, path, body: print(address, method, path, body)
guard.is_full() and guard.hand_over()`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], {
    input: JSON.stringify({ available, members }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

testPython('a primary whose disk is full hands over to the synchronous standby, and to no other', () => {
  const primary = ['storage1', 'leader', 'running', '0'];
  const standby = (role: string) => ['storage2', role, 'streaming', '0'];
  expect(handsOver(1 << 20, [primary, standby('sync_standby')])).toBe(
    'here POST /switchover {"leader": "storage1", "candidate": "storage2"}',
  );
  expect(handsOver(1 << 30, [primary, standby('sync_standby')])).toBe('');
  expect(handsOver(1 << 20, [primary, standby('replica')])).toBe('');
  expect(
    handsOver(1 << 20, [
      ['storage1', 'sync_standby'],
      ['storage2', 'leader'],
    ]),
  ).toBe('');
});
