#!/usr/bin/env bash
# The packages stay, and do nothing without a mode.
set -euo pipefail

for unit in nut-monitor nut-server nut-driver-enumerator nut-driver@ups; do
  systemctl disable --quiet --now "$unit.service" 2>/dev/null || true
done
if [[ -d /etc/nut ]]; then
  rm -f /etc/nut/{upsmon.conf,ups.conf,upsd.conf,upsd.users}
  echo MODE=none >/etc/nut/nut.conf
fi
