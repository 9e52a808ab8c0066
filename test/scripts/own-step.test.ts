import { chmodSync } from 'node:fs';
import type { OwnStep } from '../../src/model/topology';
import { keptUninstaller } from '../../src/roles/own-steps/own-script';
import { callingScript } from '../support/host-scripts';
import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();
const folder = 'usr/local/lib/k3s-cdk/uninstall.d';

const run = (sandbox: ScriptSandbox, script: string, order = 90) =>
  sandbox.run('own-step.sh', {
    'own-x.sh': script,
    'uninstall-x.sh': 'uninstaller\n',
    'step.env': `OWN_STEP=x\nORDER=${order}\nHOST=server1\n`,
  });

testInSandbox('a script that dies can be undone, and says with which status it ended', () => {
  const sandbox = new ScriptSandbox(scratch());
  expect(run(sandbox, 'echo reason >&2; exit 7')).toMatchObject({
    status: 1,
    stderr:
      "reason\nerror: server1: the script of step 'x' ended with status 7 (its own message is above): fix the cause, then apply again\n",
  });
  expect(sandbox.read(`${folder}/90-own-x`)).toBe('uninstaller\n');
});

testInSandbox('a step that has moved in the order leaves one uninstaller, and none of another step', () => {
  const sandbox = new ScriptSandbox(scratch());
  run(sandbox, 'true', 92);
  sandbox.write(`${folder}/92-own-y-own-x`, '');
  expect(run(sandbox, 'true', 91)).toMatchObject({ status: 0 });
  expect([90, 91, 92].map((order) => sandbox.has(`${folder}/${order}-own-x`))).toEqual([false, true, false]);
  expect(sandbox.has(`${folder}/92-own-y-own-x`)).toBe(true);
});

/** What prepare runs on a host that has these steps. */
function leave(sandbox: ScriptSandbox, ...names: string[]) {
  const files = {
    'call.sh': callingScript(['lib-own-steps.sh'], `HOST=server1 leave_own_steps ${names.join(' ')}`),
  };
  return sandbox.run('own-step.sh', { ...files, 'run.sh': files['call.sh'] });
}

function place(sandbox: ScriptSandbox, name: string, uninstall: string, order = 90) {
  const own = { name, step: `own-${name}`, uninstall: { text: uninstall, libraries: [] } };
  sandbox.write(`${folder}/${order}-own-${name}`, keptUninstaller(own as unknown as OwnStep).text);
  chmodSync(sandbox.path(`${folder}/${order}-own-${name}`), 0o755);
  sandbox.write(`var/lib/k3s-cdk/records/own-${name}`, '');
}

testInSandbox(
  'steps that are gone are uninstalled, the last ones first, and nothing is known of them then',
  () => {
    const sandbox = new ScriptSandbox(scratch());
    place(sandbox, 'a', 'echo a >>/var/gone\nexit 0\n');
    place(sandbox, 'b', 'echo b >>/var/gone\n', 91);
    place(sandbox, 'kept', 'echo kept >>/var/gone\n');
    expect(leave(sandbox, 'kept')).toMatchObject({ status: 0, stderr: '' });
    expect(sandbox.read('var/gone')).toBe('b\na\n');
    expect(['a', 'b', 'kept'].map((name) => sandbox.has(`var/lib/k3s-cdk/records/own-${name}`))).toEqual([
      false,
      false,
      true,
    ]);
    expect(leave(sandbox, 'kept')).toMatchObject({ status: 0, stdout: '' });
  },
);

testInSandbox('an uninstaller that fails stops the apply, and runs again with the next one', () => {
  const sandbox = new ScriptSandbox(scratch());
  place(sandbox, 'a', 'ls /var/fixed\necho undone >/var/gone\n');
  expect(leave(sandbox)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("90-own-a' fails, or takes more than 10 minutes"),
  });
  expect(sandbox.has('var/gone')).toBe(false);
  sandbox.write('var/fixed', '');
  expect(leave(sandbox)).toMatchObject({ status: 0 });
  expect([sandbox.read('var/gone'), sandbox.has(`${folder}/90-own-a`)]).toEqual(['undone\n', false]);
});
