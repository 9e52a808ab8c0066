import run from '../../src/roles/database-cluster/etcd.sh';
import uninstall from '../../src/roles/database-cluster/etcd-uninstall.sh';
import { stepScripts } from '../../src/roles/lib/step-scripts';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scripts = stepScripts({ 'run.sh': run, 'uninstall-etcd.sh': uninstall });
const data = '/var/postgres/etcd';
const environment = '/var/lib/k3s-etcd/config/cluster.env';
const wal = `${data}/member/wal/0.wal`;
const url = (name: string) => `https://${name}:2380`;
const names = ['storage1', 'storage2', 'server1'];
const initial = (...members: string[]) => members.map((name) => `${name}=${url(name)}`).join(',');

/** What root does here is what users of the host do elsewhere. */
const overrides = `
as_database() { "$@"; }
under_manager() { "$@"; }
claim_folder() { :; }
database_user() { :; }
fetch_image() { :; }
hold_image() { :; }
service_folder() { mkdir -p "$1"; }
wait_until() { local tries=3; shift; until "$@"; do ((tries-- > 0)) || return 1; done; }
install() { [[ $1 != -m ]] || { cp "\${@: -2:1}" "\${@: -1}"; return; }; command install "$@"; }
place_file() { cmp -s "$3" "$4" || { mark_changed "\${5:-x}"; mkdir -p "\${4%/*}"; cp "$3" "$4"; }; }
`;

/** etcdctl, which keeps the members in `$STUB/members` and answers if a majority is there; the step dies before the change that `$STUB/dies` names. */
const podman = `while [[ $1 != etcdctl ]]; do shift; done
[[ -e $STUB/majority ]] || exit 1
while [[ $1 != member ]]; do shift; done
if [[ $2 != list && -e $STUB/dies && $(<"$STUB/dies") == "$2" ]]; then kill -9 "$(<"$STUB/step-pid")"; fi
case $2 in
  list) cat "$STUB/members" ;;
  remove) sed -i "/^$3,/d" "$STUB/members" ;;
  add) echo "new-$3, unstarted, , $(cut -d= -f2- <<<"$4"), , false" >>"$STUB/members" ;;
esac`;

/** systemd: etcd starts with data, or where it may begin, and is known to the others then, if they are well. */
const systemctl = String.raw`shift
case $* in
  *is-active*) [[ -e $STUB/runs ]] ;;
  stop*) rm -f "$STUB/runs" ;;
  restart*)
    [[ -e ${wal} || -e /var/lib/k3s-etcd/first-start ]] || exit 0
    mkdir -p ${wal.replace('/0.wal', '')}
    [[ ! -e $STUB/damaged || ! -e ${wal} ]] || exit 0
    rm -f "$STUB/damaged"
    echo . >>${wal}
    touch "$STUB/runs"
    [[ ! -e $STUB/majority ]] || sed -i 's|^new-storage1, unstarted, , \(.*\), ,|new-storage1, started, storage1, \1, https://storage1:2379,|' "$STUB/members" ;;
esac`;

/** Health of this member, and what another one says of the members at its peers' port. */
const curl = `case $* in
  */health) if [[ -e $STUB/runs && -e $STUB/majority && ! -e $STUB/damaged ]]; then echo '{"health":"true"}'; else exit 22; fi ;;
  */members) [[ -e $STUB/known ]] || exit 7; cat "$STUB/known" ;;
esac`;

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('podman', podman);
  host.stub('systemctl', systemctl);
  host.stub('curl', curl);
  host.stub('journalctl');
  host.stub('openssl');
  host.stub('id', 'echo 0');
  for (const name of ['cluster-ca.crt', 'etcd.crt', 'etcd.key']) host.write(`/var/secrets/${name}`, name);
});
afterEach(() => host.remove());

function step() {
  const env = {
    HOST: 'storage1',
    DATA_DIR: '/var/lib/k3s-etcd',
    DATABASE_DIR: '/var/postgres',
    ETCD_DATA: data,
    SERVICE_USER: 'root',
    IMAGE: 'etcd',
    DOWNLOAD: 'yes',
    MEMBERS: initial(...names),
    PEER_URL: url('storage1'),
    ENDPOINTS: names.map((name) => `https://${name}:2379`).join(','),
    FIRST: 'false',
  };
  return host.run({
    ...scripts,
    'k3s-etcd.container': 'Image=etcd\n',
    'step.env': Object.entries(env)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
    'run.sh': `${scripts['run.sh'].replace('main "$@"\n', '')}${overrides}echo $$ >"$STUB/step-pid"\nmain /var/secrets\n`,
  });
}

/** Members as `etcdctl member list` has them. */
function members(...lines: readonly (readonly [id: string, name: string])[]): void {
  const text = lines.map(
    ([id, name]) => `${id}, started, ${name}, ${url(name)}, https://${name}:2379, false\n`,
  );
  host.write('/stubs/members', text.join(''));
  host.write('/stubs/majority', '');
}

const known = (withClients: boolean) =>
  JSON.stringify([
    { id: 2, peerURLs: [url('storage2')], name: 'storage2', clientURLs: ['https://storage2:2379'] },
    {
      id: 1,
      peerURLs: [url('storage1')],
      name: 'storage1',
      ...(withClients && { clientURLs: ['https://storage1:2379'] }),
    },
  ]);
const ids = () =>
  host
    .read('/stubs/members')
    .trim()
    .split('\n')
    .map((line) => line.split(', ')[0]);

testInSandbox(
  'a first member begins a cluster of all, and so does the next, which the first does not know yet',
  () => {
    for (const next of [undefined, known(false)]) {
      if (next !== undefined) host.write('/stubs/known', next);
      expect(step()).toMatchObject({ status: 0, output: expect.stringContaining('begins a cluster') });
      expect(host.read(environment)).toBe(
        `ETCD_INITIAL_CLUSTER_STATE=new\nETCD_INITIAL_CLUSTER=${initial(...names)}\n`,
      );
      expect(host.has('/var/lib/k3s-etcd/first-start')).toBe(false);
      host.run({ 'run.sh': `rm -r ${data} && rm -f ${host.path('/stubs/runs')}\n` });
    }
  },
);

testInSandbox(
  'a member whose data is gone is removed and added anew, and who left the cluster is removed',
  () => {
    members(['1', 'storage1'], ['2', 'storage2'], ['3', 'server1'], ['9', 'server9']);
    expect(step()).toMatchObject({
      status: 0,
      output: expect.stringContaining('is a member of the cluster'),
    });
    expect(ids()).toEqual(['2', '3', 'new-storage1']);
    expect(host.read(environment)).toBe(
      `ETCD_INITIAL_CLUSTER_STATE=existing\nETCD_INITIAL_CLUSTER=${initial('storage1', 'storage2', 'server1')}\n`,
    );
    const again = step();
    expect({ ...again, ids: ids() }).toEqual({ status: 0, output: '', ids: ['2', '3', 'new-storage1'] });
  },
);

testInSandbox.each(['remove', 'add'])('a step that dies before "member %s" goes on from there', (change) => {
  members(['1', 'storage1'], ['2', 'storage2'], ['3', 'server1']);
  host.write('/stubs/dies', change);
  expect(step().status).not.toBe(0);
  host.run({ 'run.sh': `rm ${host.path('/stubs/dies')}\n` });
  expect(step().status).toBe(0);
  expect(ids()).toEqual(['2', '3', 'new-storage1']);
});

testInSandbox(
  'without a majority, a member whose data is gone does not begin with nothing, as it has voted before',
  () => {
    host.write('/stubs/known', known(true));
    const { status, output } = step();
    expect(status).toBe(1);
    expect(output).toContain("etcd on 'storage2' knows this host as a member whose data is gone");
    // The way out where that one was off while it left the cluster.
    expect(output).toContain("run 'sudo /usr/local/lib/k3s-cdk/uninstall.d/42-etcd' on it first");
    expect({ wal: host.has(wal), may: host.has('/var/lib/k3s-etcd/first-start') }).toEqual({
      wal: false,
      may: false,
    });
  },
);

testInSandbox('data that is of no use any more, while the others are well, gives way', () => {
  members(['2', 'storage2'], ['3', 'server1']);
  host.write(wal, 'of a member that has been removed');
  host.write('/stubs/damaged', '');
  expect(step()).toMatchObject({ status: 0, output: expect.stringContaining('becomes a new member') });
  expect(ids()).toEqual(['2', '3', 'new-storage1']);
  expect(host.read(wal)).toBe('.\n');
});

testInSandbox('data stays while the others cannot be asked', () => {
  host.write(wal, 'data\n');
  expect(step()).toMatchObject({ status: 0, output: expect.stringContaining('has no majority yet') });
  expect(host.read(wal)).toMatch(/^data\n/);
});
