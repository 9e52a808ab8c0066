import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Kubectl } from '../../src/kubectl/kubectl';
import { Interruption } from '../../src/programs/interruption';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

function kubectl(script: string): Kubectl {
  const bin = scratch();
  writeFileSync(join(bin, 'kubectl'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'kubectl'), 0o755);
  return new Kubectl({
    kubeconfig: '/dev/null',
    environment: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    interruption: new Interruption(() => {}),
    log: () => {},
    maxAnswerLength: 2_000_000,
  });
}

test('objects of a megabyte are read whole', async () => {
  const items = await kubectl(
    `printf '{"items": ["'; head -c 1500000 /dev/zero | tr '\\0' x; echo '"]}'`,
  ).list('pods');
  expect(String(items[0])).toHaveLength(1_500_000);
});

test.each([
  ['no JSON', 'echo "{"'],
  ['no list', 'echo "{}"'],
  ['nothing', 'true'],
])('an API that answers with %s is an error in words', async (_, script) => {
  await expect(kubectl(script).list('pods')).rejects.toThrow(
    "the API answers to 'get pods' with something that is not a list",
  );
});

test('an API that answers without end is cut off', async () => {
  await expect(kubectl('exec yes').run('get')).rejects.toThrow('the API sends an answer without end');
});
