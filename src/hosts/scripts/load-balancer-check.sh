#!/usr/bin/env bash
# Asks the load balancer of this host whether it has a healthy server. keepalived runs it twice a second, so it needs no
# other program.
set -eu
exec 3<>/dev/tcp/127.0.0.1/@MONITOR_PORT@
printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
read -r -t 1 _ status _ <&3
[[ $status == 200 ]]
