#!/usr/bin/env bash
# Stops k3s on a server for a restore of its database. Pods keep running. Last line: 'stopped', or 'absent' where there
# is none.
set -euo pipefail
umask 022

main() {
  if [[ ! -e /etc/systemd/system/k3s.service ]]; then
    echo absent
    return
  fi
  timeout 120 systemctl stop k3s
  echo stopped
}

main
