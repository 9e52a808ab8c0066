import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptNames, scriptText } from '../support/host-scripts';

/** systemd starts them, with a umask of its own. */
const ofUnits = new Set(['alive.sh', 'load-balancer-check.sh', 'nftables.sh', 'pods-table.sh']);

const ofRecovery = 'src/recovery/scripts';
const programs = [
  ...scriptNames.map((name) => ({ name, text: scriptText(name) })),
  ...readdirSync(ofRecovery).map((name) => ({ name, text: readFileSync(join(ofRecovery, name), 'utf8') })),
].filter(({ name, text }) => text.startsWith('#!/usr/bin/env bash') && !ofUnits.has(name));

test.each(programs.map(({ name, text }) => [name, text]))(
  '%s does not take the umask of whoever starts it',
  (_, text) => {
    // What a step does, start.sh starts.
    if (!/^\. "\$here\/step\.env"$/m.test(text)) expect(text).toMatch(/^umask 0(22|77)$/m);
  },
);
