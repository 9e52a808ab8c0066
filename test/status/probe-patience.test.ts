import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeScript } from '../../src/status/probe-script';
import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';
import { topologyWith } from '../support/topology';

const scratch = scratchFolders();

testInSandbox.each([15, 60, 120])(
  'an API that hangs leaves the host time for the rest of its answer, of %d s',
  (seconds) => {
    const folder = scratch();
    const sandbox = new ScriptSandbox(folder);
    sandbox.program('usr/local/bin/k3s', 'echo "$*" >>/run/asked; exit 1');
    const topology = topologyWith('');
    const server = topology.hosts.find(({ roles }) => roles.includes('server'));
    if (!server) throw new Error('no server');
    const script = join(folder, 'probe.sh');
    writeFileSync(script, probeScript(topology, server, seconds * 1000).replace(/^probe .*$/m, 'cluster'));
    expect(sandbox.exec(script).stdout).toContain('api\tno');
    const limits = [...(sandbox.read('run/asked') ?? '').matchAll(/--request-timeout (\d+)s/g)].map(
      ([, limit]) => Number(limit),
    );
    expect(limits).toHaveLength(2);
    expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThan(seconds);
  },
);
