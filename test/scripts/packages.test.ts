import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const script = `set -euo pipefail
here=$(dirname "\${BASH_SOURCE[0]}")
. "$here/lib.sh"
. "$here/lib-packages.sh"
install_packages apt haproxy
`;

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('sleep');
  host.stub('dpkg-query', 'exit 1');
  host.stub('dpkg');
  host.stub('apt-get');
});
afterEach(() => host.remove());

function run() {
  return host.run({ 'run.sh': script });
}

/** A program that says something and fails, the first time. */
function failsOnce(name: string, message: string): void {
  host.stub(name, `[[ -e $STUB/failed ]] || { touch "$STUB/failed"; echo '${message}' >&2; exit 1; }`);
}

testInSandbox('what is missing is installed after an interrupted installation has been finished', () => {
  expect(run().status).toBe(0);
  const calls = host.calls().filter((call) => /^(dpkg|apt-get) /.test(call));
  expect(calls).toEqual([
    'dpkg --configure -a',
    expect.stringMatching(/ update$/),
    expect.stringMatching(/ install .* haproxy$/),
  ]);
});

for (const [name, message] of [
  ['dpkg', 'dpkg: error: dpkg frontend lock was locked by another process with pid 845'],
  ['apt-get', 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 845 (apt-get)'],
] as const) {
  testInSandbox(`${name} is tried again while somebody else has the lock`, () => {
    failsOnce(name, message);
    expect(run()).toMatchObject({ status: 0, output: expect.not.stringContaining('error') });
  });
}

testInSandbox('another failure ends the step at once, with the reason', () => {
  failsOnce('apt-get', 'E: Unable to fetch some archives');
  const { status, output } = run();
  expect(status).toBe(1);
  expect(output).toContain('E: Unable to fetch some archives');
  expect(output).toContain("packages cannot be installed (the output of 'apt_get update' is above)");
});
