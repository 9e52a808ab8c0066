import { callsOf, watchOriginals } from '../../model/watch';
import { isText, placed } from '../placed-secret';
import type { Packages, Role } from '../role';
import { watchStatus } from './status';

/** What makes calls. */
export const watchPackages: Packages = { apt: ['curl'], dnf: ['curl'] };

/** Hosts that look after themselves and call somebody. */
export const watch: Role = {
  name: 'watch',
  isOn: (host, topology) => callsOf(host, topology).length > 0,
  packages: () => watchPackages,
  uninstallers: () => ['30-watch'],
  secrets: (topology, host) =>
    callsOf(host, topology).map((call) =>
      placed(`/usr/local/libexec/k3s-cdk/watch/${call}`, watchOriginals[call], isText),
    ),
  status: watchStatus,
};
