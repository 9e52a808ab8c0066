import type { Packages } from '../role';

/** What `install_step_packages` in a script installs. */
export function packagesEnv({ apt, dnf }: Packages) {
  return { APT_PACKAGES: apt.join(' '), DNF_PACKAGES: dnf.join(' ') };
}
