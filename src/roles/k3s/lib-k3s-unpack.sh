# shellcheck shell=bash
# k3s contains its programs as an archive, and unpacks it when one of them is first called: half a minute on an SD card.
# Needs lib.sh.

# unpack_k3s BINARY: now, so that its start is faster. Under SELinux only the service gives the files their labels.
unpack_k3s() {
  if has_selinux; then return 0; fi
  # If it fails, its start reports why.
  "$1" kubectl version --client >/dev/null 2>&1 || true
}
