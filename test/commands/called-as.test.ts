import { type Call, calledAs, withCommandsAs } from '../../src/commands/called-as';

const call = (
  script: string,
  environment: Call['environment'] = { PATH: '/usr/bin:/usr/local/bin' },
  oneFile = false,
) => calledAs({ script, oneFile, environment, display: (path) => path.replace('/home/ada/', '') });

test.each([
  ['k3s-cdk', '/usr/local/bin/k3s-cdk', undefined],
  ['npx k3s-cdk', '/home/ada/cluster/node_modules/.bin/k3s-cdk', undefined],
  ['npx k3s-cdk', '/home/ada/k3s-cdk/bin/k3s-cdk.js', { npm_command: 'exec' }],
  ['node k3s-cdk/bin/k3s-cdk.js', '/home/ada/k3s-cdk/bin/k3s-cdk.js', {}],
  ["node '/my programs/bin/k3s-cdk.js'", '/my programs/bin/k3s-cdk.js', {}],
  ['./k3s-cdk', '/home/ada/k3s-cdk', undefined],
  ['tools/k3s-cdk', '/home/ada/tools/k3s-cdk', undefined],
  // Whoever is called from a script of npm is not called by it.
  ['k3s-cdk', '/usr/bin/k3s-cdk', { PATH: '/usr/bin', npm_command: 'run-script' }],
])('the program is called as %s', (called, script, environment) => {
  expect(call(script, environment)).toBe(called);
});

test.each(['k3s-cdk', './k3s-cdk-linux-amd64', "'/my programs/k3s-cdk'"])(
  'the program of one file is called as it was: %s',
  (called) => {
    expect(call(called.replaceAll("'", ''), undefined, true)).toBe(called);
  },
);

test.each([
  'next: k3s-cdk deploy',
  "error: no key is known: run 'k3s-cdk init --yes', or 'k3s-cdk doctor'",
  '  k3s-cdk synth -f lab.yaml',
  'k3s-cdk --help',
])('a message names commands as they were called: %s', (text) => {
  expect(withCommandsAs('npx k3s-cdk', text)).toBe(text.replaceAll('k3s-cdk ', 'npx k3s-cdk '));
  expect(withCommandsAs('k3s-cdk', text)).toBe(text);
});

test.each([
  '/home/ada/k3s-cdk deploy',
  "error: 'made by k3s-cdk deploy'",
  'a pool of k3s-cdk addresses',
  'k3s-cdk: 3 of 4',
  "'npx k3s-cdk init'",
  `[{ "message": "run 'k3s-cdk init'" }]`,
])('and leaves alone what is no command: %s', (text) => {
  expect(withCommandsAs('npx k3s-cdk', text)).toBe(text);
});
