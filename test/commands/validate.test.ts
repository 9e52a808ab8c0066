import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateCommand } from '../../src/commands/validate';
import { RecordingTerminal } from '../support/recording-terminal';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

test('one host is called one host', () => {
  const folder = scratch();
  const file = join(folder, 'cluster.yaml');
  writeFileSync(
    file,
    `name: homelab
ssh: { user: pi }
hosts:
  - { name: board, address: 192.168.10.10, roles: [database, nfs, server] }
k3s: { version: v1.36.2+k3s1 }
`,
  );
  const terminal = new RecordingTerminal(folder);
  expect(validateCommand(file, terminal)).toBe(0);
  expect(terminal.printed).toEqual(['cluster.yaml: valid (1 host)']);
});
