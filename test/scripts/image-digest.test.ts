import { envFile } from '../../src/hosts/env-file';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const image = 'docker.io/library/postgres:17';
const repository = 'docker.io/library/postgres';
const [first, second] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

/** The commands of a step, with what the user of the database does done by root. */
const script = (commands: string) => `set -euo pipefail
here=$(dirname "\${BASH_SOURCE[0]}")
. "$here/lib.sh"
. "$here/lib-database-container.sh"
. "$here/lib-etcd-keys.sh"
. "$here/lib-patroni-image.sh"
. "$here/step.env"
as_database() { "$@"; }
under_manager() { "$@"; }
mkdir -p "$DATA_DIR/home"
${commands}
`;

/**
 * A podman with a registry: `$STUB/registry` has the digest that the tag means now, `$STUB/images` what is on this host. Of an
 * image it tells the digest of its architecture too, and takes that for the image's own.
 */
const podman = `own=sha256:$(printf "a%.0s" {1..64})
touch "$STUB/images"
case "$1 $2" in
  'image exists') grep -q "^$3 " "$STUB/images" ;;
  'image inspect') echo "$own"; grep -q "^$5 " "$STUB/images" && echo "${repository}@$own"; sed -n "s|^$5 |${repository}@|p" "$STUB/images" ;;
  'pull --quiet')
    [[ -e $STUB/registry ]] || { echo 'manifest unknown' >&2; exit 125; }
    if [[ $3 == *@* ]]; then digest=\${3#*@}; else digest=$(<"$STUB/registry"); fi
    echo "$3 $digest" >>"$STUB/images" ;;
  tag*) sed -i "\\|^$3 |d" "$STUB/images"; echo "$3 \${2#*@}" >>"$STUB/images" ;;
  'build --quiet') echo "$7 built" >>"$STUB/images"; cat >/dev/null ;;
esac`;

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('podman', podman);
  host.write('/stubs/registry', first);
});
afterEach(() => host.remove());

function run(commands: string, env: Record<string, string> = {}) {
  const step = {
    HOST: 'storage1',
    DATA_DIR: '/var/postgres',
    DOWNLOAD: 'yes',
    IMAGE: image,
    BASE: '',
    ...env,
  };
  return host.run({ 'run.sh': script(commands), 'step.env': envFile(step) });
}

const pulls = () => host.calls().filter((call) => call.startsWith('podman pull'));
const prune = () => host.write('/stubs/images', '');
const fetchIt = 'fetch_image "$IMAGE"';

testInSandbox('a tag is fetched once and noted, and after a prune it is the same digest that comes', () => {
  expect(run(fetchIt)).toMatchObject({ status: 0, output: expect.stringContaining(`${image} is ${first}`) });
  expect(host.read('/var/postgres/home/image')).toBe(`${image} ${first}\n`);
  // The tag has moved meanwhile.
  host.write('/stubs/registry', second);
  pulls();
  expect(run(fetchIt).status).toBe(0);
  expect(pulls()).toEqual([]);
  prune();
  expect(run(fetchIt).status).toBe(0);
  expect(pulls()).toEqual([`podman pull --quiet ${repository}@${first}`]);
  expect(host.read('/stubs/images')).toContain(`${image} ${first}\n`);
});

testInSandbox('an image of another content under the tag is replaced by what was noted', () => {
  run(fetchIt);
  host.write('/stubs/images', `${image} ${second}\n`);
  expect(run(fetchIt).status).toBe(0);
  expect(host.read('/stubs/images').match(new RegExp(`^${image} .*`, 'gm'))).toEqual([`${image} ${first}`]);
});

testInSandbox('another text in cluster.yaml is another image, and its digest the one that is noted', () => {
  run(fetchIt);
  host.write('/stubs/registry', second);
  expect(run(fetchIt, { IMAGE: `${repository}:18` }).status).toBe(0);
  expect(host.read('/var/postgres/home/image')).toBe(`${repository}:18 ${second}\n`);
});

testInSandbox('a digest that the registry has no more is told with what to do', () => {
  run(fetchIt);
  prune();
  host.run({ 'run.sh': `rm ${host.path('/stubs/registry')}` });
  const { status, output } = run(fetchIt);
  expect(status).toBe(1);
  expect(output).toContain(`cannot be fetched again as first fetched, ${first}`);
  expect(output).toContain('write a newer tag or a digest in cluster.yaml');
});

testInSandbox(
  'what is brought along, named by digest, or noted by somebody in another form is no digest to fetch',
  () => {
    host.write('/stubs/images', `${image} ${second}\n`);
    host.write('/var/postgres/home/image', `${image} ${first}\n`);
    expect(run(fetchIt, { DOWNLOAD: 'no' })).toEqual({ status: 0, output: '' });
    const byDigest = `${repository}@${first}`;
    expect(run(fetchIt, { IMAGE: byDigest }).status).toBe(0);
    expect(host.read('/var/postgres/home/image')).toBe(`${image} ${first}\n`);
    prune();
    host.write('/var/postgres/home/image', `${image} sha256:$(id)\n`);
    pulls();
    expect(run(fetchIt).status).toBe(0);
    expect(pulls()).toEqual([`podman pull --quiet ${image}`]);
  },
);

testInSandbox(
  'the unit names the digest, for a start that has to fetch again; without a note the tag',
  () => {
    const unit = '/var/unit';
    host.write(unit, `Image=${image}\nExec=postgres\n`);
    run(`hold_image ${unit} "$IMAGE"`);
    expect(host.read(unit)).toBe(`Image=${image}\nExec=postgres\n`);
    run(`${fetchIt}; hold_image ${unit} "$IMAGE"`);
    expect(host.read(unit)).toBe(`Image=${repository}@${first}\nExec=postgres\n`);
  },
);

/** An etcd that keeps the one key in `$STUB/etcd`. */
const etcd = String.raw`[[ -e $STUB/majority ]] || exit 22
while [[ $1 != --data ]]; do shift; done
case $3 in
  */v3/kv/range) [[ ! -e $STUB/etcd ]] || printf '{"kvs":[{"key":"a2V5","value":"%s","lease":"0"}]}\n' "$(<"$STUB/etcd")" ;;
  */v3/kv/put) sed 's/.*"value":"\([^"]*\)".*/\1/' <<<"$2" >"$STUB/etcd" ;;
esac`;
const member = {
  IMAGE: 'localhost/k3s-cdk/patroni:17',
  BASE: image,
  ETCD: '192.168.10.11:2379 [fd00::12]:2379',
  SECRETS_FOLDER: '/var/secrets',
};
const build = 'patroni_image /dev/null';

testInSandbox('database hosts build from the same digest, which they tell each other in etcd', () => {
  host.stub('curl', etcd);
  host.write('/stubs/majority', '');
  expect(run(build, member).status).toBe(0);
  // Another host, which has nothing, when the tag has moved.
  prune();
  host.run({ 'run.sh': 'rm /var/postgres/home/image' });
  host.write('/stubs/registry', second);
  pulls();
  expect(run(build, member)).toMatchObject({ status: 0, output: expect.stringContaining(first) });
  expect(pulls()).toEqual([`podman pull --quiet ${repository}@${first}`]);
  // One that had another before follows.
  prune();
  host.write('/var/postgres/home/image', `${image} ${second}\n`);
  expect(run(build, member).status).toBe(0);
  expect(host.read('/var/postgres/home/image')).toBe(`${image} ${first}\n`);
  // Another etcd, which knows nothing: whoever knows tells it.
  host.run({ 'run.sh': `rm ${host.path('/stubs/etcd')}` });
  expect(run(build, member).status).toBe(0);
  expect(Buffer.from(host.read('/stubs/etcd'), 'base64').toString()).toBe(`${image} ${first}`);
});

testInSandbox('without a majority of etcd nothing is fetched', () => {
  host.stub('curl', etcd);
  const { status, output } = run(build, member);
  expect(status).toBe(1);
  expect(output).toContain(
    `etcd has no majority, so the other database hosts cannot be asked for the digest of '${image}'`,
  );
  expect(pulls()).toEqual([]);
});
