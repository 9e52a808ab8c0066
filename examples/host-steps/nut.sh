#!/usr/bin/env bash
# Network UPS Tools: the host with the UPS serves its state, and when the battery is low, all others shut down, then
# this one. Debian, Raspberry Pi OS and Ubuntu.
#
# Inputs: nut.env beside it; the folder with upsmon-password as first argument
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=/dev/null
. "$here/step.env"
# shellcheck source=/dev/null
. "$here/nut.env"

main() {
  local password mode=netclient kind=secondary delay=5
  password=$(<"$1/upsmon-password")
  [[ $password =~ ^[A-Za-z0-9]+$ ]] || fatal "the password of NUT may have letters and digits only: write another one"
  install_packages apt nut-client
  if [[ $HOST == "${UPS_HOST:?}" ]]; then
    install_packages apt nut-server
    # Others close their connections when their shutdown begins: the time for it is this one, and not HOSTSYNC.
    mode=netserver kind=primary delay=120
    serve "$password"
  fi
  echo "MODE=$mode" >"$here/nut.conf"
  place_file 0640 root:nut "$here/nut.conf" /etc/nut/nut.conf nut-monitor.service
  # Bash's own printf: a password is in no command line.
  printf '%s\n' "MONITOR ups@${UPS_ADDRESS:?} 1 upsmon $password $kind" 'SHUTDOWNCMD "/sbin/shutdown -h +0"' \
    'POWERDOWNFLAG /etc/killpower' "FINALDELAY $delay" >"$here/upsmon.conf"
  place_file 0640 root:nut "$here/upsmon.conf" /etc/nut/upsmon.conf nut-monitor.service
  start_unit nut-monitor.service "see 'journalctl -u nut-monitor'"
}

# serve PASSWORD: what drives the UPS, and who may ask for it.
serve() {
  printf '%s\n' '[ups]' "driver = ${UPS_DRIVER:?}" "port = ${UPS_PORT:?}" >"$here/ups.conf"
  place_file 0640 root:nut "$here/ups.conf" /etc/nut/ups.conf nut-driver-enumerator.service
  printf '%s\n' "LISTEN $UPS_ADDRESS" 'LISTEN 127.0.0.1' >"$here/upsd.conf"
  place_file 0640 root:nut "$here/upsd.conf" /etc/nut/upsd.conf nut-server.service
  # One user for all: upsmon on this host is the primary, and those elsewhere are secondaries.
  printf '%s\n' '[upsmon]' "password = $1" 'upsmon primary' >"$here/upsd.users"
  place_file 0640 root:nut "$here/upsd.users" /etc/nut/upsd.users nut-server.service
  echo MODE=netserver >"$here/nut.conf"
  place_file 0640 root:nut "$here/nut.conf" /etc/nut/nut.conf nut-server.service
  # It makes a unit of systemd for the driver.
  start_unit nut-driver-enumerator.service "see 'journalctl -u nut-driver-enumerator'"
  start_unit nut-server.service "see 'journalctl -u nut-server -u nut-driver@ups'"
}

main "$@"
