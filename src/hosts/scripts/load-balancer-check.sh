#!/usr/bin/env bash
# Asks the load balancer of this host whether it has a healthy server. keepalived runs it every second, so it needs no
# other program than sleep, and that only after a failure: a restart of haproxy is no reason to move the virtual IP.

healthy() {
  exec 3<>/dev/tcp/127.0.0.1/@MONITOR_PORT@ || return 1
  printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
  read -r -t 1 _ status _ <&3
  [[ $status == 200 ]]
}

main() {
  local status
  healthy 2>/dev/null && return
  sleep 0.35
  healthy 2>/dev/null
}

main
