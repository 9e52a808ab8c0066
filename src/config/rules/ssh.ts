import type { Draft } from '../draft';
import type { Path } from '../path';
import { isWindowsPath, notOfWindows } from '../schema/text';
import { foreignHomeMessage, isInForeignHome } from './home-path';
import { known } from './known';
import type { Finding } from './rule';

type Settings = Draft['ssh'] | NonNullable<NonNullable<Draft['hosts']>[number]>['ssh'];

/** Where it can be found. */
export function* privateKeyIsPath(config: Draft): Iterable<Finding> {
  for (const { key, path } of privateKeys(config)) {
    if (isWindowsPath(key)) {
      yield { path, severity: 'warning', message: notOfWindows(key) };
    } else if (isInForeignHome(key)) {
      yield { path, message: foreignHomeMessage(key) };
    }
  }
}

function privateKeys(config: Draft): { key: string; path: Path }[] {
  const of = (settings: Settings, path: Path) => [
    { key: settings?.privateKey, path: [...path, 'privateKey'] },
    { key: settings?.bastion?.privateKey, path: [...path, 'bastion', 'privateKey'] },
  ];
  return [
    ...of(config.ssh, ['ssh']),
    ...known(config.hosts).flatMap(([index, host]) => of(host.ssh, ['hosts', index, 'ssh'])),
  ].flatMap(({ key, path }) => (key === undefined ? [] : [{ key, path }]));
}
