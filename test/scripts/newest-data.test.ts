import keys from '../../src/roles/database-cluster/lib-etcd-keys.sh';
import data from '../../src/roles/database-cluster/lib-patroni-data.sh';
import library from '../../src/roles/lib/lib.sh';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

/** etcd, whose keys are files of `$STUB/keys`, and Patroni of other hosts, whose answers are files of `$STUB`. */
const curl = String.raw`for address; do :; done
while [[ $1 != --data && $# -gt 1 ]]; do shift; done
text=$2
value() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$text"; }
file() { echo "$STUB/keys/$(value key | tr / _)"; }
mkdir -p "$STUB/keys"
case $address in
  */patroni) host=$(cut -d: -f2 <<<"$address"); cat "$STUB/$(basename "$host")" ;;
  */range) if [[ -e $(file) ]]; then printf '{"kvs":[{"value":"%s"}]}' "$(<"$(file)")"; else echo '{}'; fi ;;
  */put) value value >"$(file)" ;;
  */deleterange) rm -f "$(file)" ;;
esac`;

const key = (name: string) =>
  `/stubs/keys/${Buffer.from(`/k3s-cdk/k3s/${name}`).toString('base64').replaceAll('/', '_')}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const nobody = '{"leader":"-"}';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('curl', curl);
  host.write('/var/postgres/cluster/.keep', '');
});
afterEach(() => host.remove());

function run(calls: string, { first }: { first: boolean }) {
  return host.run({
    'run.sh': `set -euo pipefail
${library.text}${keys.text}${data.text}
HOST=storage1 DATA_DIR=/var/postgres FIRST=${first} OTHERS=storage2:8008 ETCD=storage1:2379 SECRETS_FOLDER=/var/secrets
older_primary=/var/older-primary
as_database() { "$@"; }
stop_postgres() { :; }
answers() { :; }
postgres_failed() { fatal "Postgres $1"; }
wait_until() { shift; "$@"; }
${calls}
`,
  });
}

const lastPrimary = () =>
  host.has(key('sync')) ? Buffer.from(host.read(key('sync')), 'base64').toString() : undefined;

testInSandbox('the data of a single Postgres is the newest: its host alone may become the primary', () => {
  host.write('/var/postgres/data/PG_VERSION', '17');
  host.write(key('sync'), base64(nobody));
  expect(run('take_over; newest_data', { first: true })).toMatchObject({ status: 0 });
  expect(lastPrimary()).toBe('{"leader":"storage1"}');
});

testInSandbox('with data of a cluster that etcd does not know, nobody may become the primary yet', () => {
  host.write('/var/postgres/cluster/data/PG_VERSION', '17');
  expect(run('take_over; newest_data; is_held', { first: false })).toMatchObject({ status: 0 });
  expect(lastPrimary()).toBe(nobody);
});

testInSandbox('who knows that another host has the newest data changes nothing', () => {
  host.write('/var/postgres/cluster/data/PG_VERSION', '17');
  host.write(key('sync'), base64('{"leader":"storage2"}'));
  expect(run('newest_data', { first: false })).toMatchObject({ status: 0 });
  expect(lastPrimary()).toBe('{"leader":"storage2"}');
});

testInSandbox(
  'in an etcd that knows of a database nothing is changed, and data is not the newest any more',
  () => {
    host.write('/var/postgres/cluster/data.newest', '');
    host.write(key('initialize'), base64('7440000000000000000'));
    expect(run('newest_data', { first: false })).toMatchObject({ status: 0 });
    expect(lastPrimary()).toBeUndefined();
    expect(host.has('/var/postgres/cluster/data.newest')).toBe(false);
  },
);

testInSandbox('Patroni chooses when all data can be compared, and not before', () => {
  host.write('/var/postgres/cluster/data/PG_VERSION', '17');
  host.write(key('sync'), base64(nobody));
  host.write('/stubs/storage2', '{"state": "starting", "database_system_identifier": "7440000000000000000"}');
  const { status, output } = run('newest_data; let_patroni_choose', { first: true });
  expect(status).toBe(1);
  expect(output).toContain('the data at storage2:8008 may be newer');
  expect(lastPrimary()).toBe(nobody);
  host.write('/stubs/storage2', '{"state": "running", "database_system_identifier": "7440000000000000000"}');
  expect(run('newest_data; let_patroni_choose', { first: true })).toMatchObject({ status: 0 });
  expect(lastPrimary()).toBeUndefined();
});
