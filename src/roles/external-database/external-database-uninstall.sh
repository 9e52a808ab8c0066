#!/usr/bin/env bash
# Removes what clients of the external database have on this host. The database is its owner's. Installed by its step, run
# when the host leaves the cluster.
set -euo pipefail
umask 022

rm -rf /usr/local/libexec/k3s-cdk/external-database /var/lib/k3s-cdk/records/external-database{,.unfinished}
rmdir /usr/local/libexec/k3s-cdk 2>/dev/null || true
rm -f "$0"
