import { HostSandbox } from '../support/host-sandbox';
import { callingScript } from '../support/host-scripts';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
});
afterEach(() => host.remove());

interface Data {
  /** What the data says that it was made with. */
  readonly made: string;
  readonly settings: string;
  readonly objects?: number;
  readonly change?: boolean;
  readonly standby?: boolean;
}

/** What comes of a database's step: its end, and the statements that change something. */
function keep({ made, settings, objects = 7, change = false, standby = false }: Data) {
  host.stub(
    'psql',
    `case $1 in
  *shobj_description*) echo '${made}' ;;
  *to_regclass*) echo ${objects > 0 ? 't' : 'f'} ;;
  *count*) echo ${objects} ;;
esac`,
  );
  const { status, output } = host.run({
    'run.sh': callingScript(
      ['lib-kine.sh', 'lib-database-settings.sh'],
      `sql() { psql "$@"; }
is_standby() { ${standby}; }
HOST=storage1 DATABASE=k3s SETTINGS='${settings}' CHANGE_SETTINGS=${change}
keep_settings`,
    ),
  });
  return { status, output, written: host.calls().filter((call) => call.includes('COMMENT')) };
}

const lan = 'network.pods=10.42.0.0/16 network.services=10.43.0.0/16';
const other = 'network.pods=10.44.0.0/16 network.services=10.43.0.0/16';
const comment = (settings: string) => [`psql COMMENT ON DATABASE k3s IS '${settings}'`];

testInSandbox('data that k3s has filled is not used with other networks than it was made with', () => {
  const { status, output, written } = keep({ made: lan, settings: other });
  expect({ status, written }).toEqual({ status: 1, written: [] });
  expect(output).toContain(
    "error: storage1: the data of this cluster was made with 'network.pods' 10.42.0.0/16, and cannot be used with 10.44.0.0/16; k3s was not touched",
  );
});

testInSandbox.each([
  ['the same settings change nothing', { made: lan, settings: lan }, []],
  ['data without a note is learned', { made: '', settings: other }, comment(other)],
  ['data that k3s has not filled yet takes any', { made: lan, settings: other, objects: 0 }, comment(other)],
  ['who knows better is let through', { made: lan, settings: other, change: true }, comment(other)],
  [
    'a setting that a later version knows too is learned',
    { made: lan, settings: `${lan} k3s.config.x=1` },
    comment(`${lan} k3s.config.x=1`),
  ],
  ['a standby writes nothing', { made: '', settings: lan, standby: true }, []],
])('%s', (_, data, written) => {
  expect(keep(data)).toEqual({ status: 0, output: '', written });
});
