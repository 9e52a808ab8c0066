import { oneText, type Script } from '../../model/script';
import type { OwnScript, OwnStep } from '../../model/topology';
import lib from '../lib/lib.sh';
import packages from '../lib/lib-packages.sh';
import systemd from '../lib/lib-systemd.sh';

/** Those that cluster.yaml may name. */
const offered = { 'lib.sh': lib, 'lib-packages.sh': packages, 'lib-systemd.sh': systemd };

/** A script of the user's own, with those of our libraries that it sources. */
export function withLibraries({ text, libraries }: OwnScript): Script {
  const sourced = Object.entries(offered).filter(([name]) => libraries.includes(name));
  const found = sourced.map(([name, script]) => ({ ...script.libraries, [name]: script.text }));
  return { text, libraries: Object.assign({}, ...found) };
}

/** What is kept on hosts: the user's uninstaller, and after it the end of all that is known of the step. */
export function keptUninstaller({ step, uninstall }: OwnStep): Script {
  const text = `#!/usr/bin/env bash
# Uninstalls step '${step}', which is no longer in cluster.yaml, or whose host leaves.
set -euo pipefail
umask 022
(
:
${uninstall ? oneText(withLibraries(uninstall)) : ''})
rm -f /var/lib/k3s-cdk/records/${step}{,.unfinished} /var/lib/k3s-cdk/runs/${step} "$0"
`;
  return { text, libraries: {} };
}
