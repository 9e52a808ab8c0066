# shellcheck shell=bash
# k3s carries its programs packed, and unpacks them when one of them is first called: half a minute on an SD card.
# Needs lib.sh.

# unpack_k3s BINARY: now, so that its start takes less. Under SELinux only the service gives the files their labels.
unpack_k3s() {
  if has_selinux; then return 0; fi
  # What is wrong with it, its start tells.
  "$1" kubectl version --client >/dev/null 2>&1 || true
}
