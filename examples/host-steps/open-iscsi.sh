#!/usr/bin/env bash
# iSCSI's initiator, for volumes of Longhorn, democratic-csi and the like. Debian, Raspberry Pi OS, Ubuntu, and EL.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"

main() {
  install_packages apt open-iscsi
  install_packages dnf iscsi-initiator-utils
  echo iscsi_tcp >"$here/modules"
  place_file 0644 root:root "$here/modules" /etc/modules-load.d/own-open-iscsi.conf
  modprobe iscsi_tcp || fatal "this kernel has no module iscsi_tcp: install the package with the extra modules of the kernel"
  name_initiator
  start_unit iscsid.service "see 'journalctl -u iscsid'"
}

# A name in an image that several machines were made from is the same on all, and targets take them for one.
name_initiator() {
  local name
  name=iqn.2016-04.com.open-iscsi:$(sha256sum </etc/machine-id | cut -c1-12)
  echo "InitiatorName=$name" >"$here/initiatorname"
  place_file 0600 root:root "$here/initiatorname" /etc/iscsi/initiatorname.iscsi iscsid.service
}

main "$@"
