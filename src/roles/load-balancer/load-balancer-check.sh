#!/usr/bin/env bash
# Asks the load balancer of this host whether the API can be reached through it. Run by keepalived.
#
# Argument: none to check whether it has a healthy server. Runs constantly, so it uses no program other than sleep, and
#   that only after a failure: a restart of haproxy is no reason to move the virtual IP.
#   path to query the API itself through it, as clients do, which takes a program: so that a load balancer that was
#   changed manually, and considers itself healthy, does not keep the virtual IP
set -u

healthy() {
  exec 3<>/dev/tcp/127.0.0.1/@MONITOR_PORT@ || return 1
  printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
  read -r -t 1 _ status _ <&3
  [[ $status == 200 ]]
}

healthy_twice() {
  healthy 2>/dev/null && return
  sleep 0.35
  healthy 2>/dev/null
}

path_leads_to_api() {
  read -r _ status _ < <(printf 'GET /readyz HTTP/1.0\r\n\r\n' |
    timeout 3 openssl s_client -quiet -verify_return_error -CAfile /etc/haproxy/k3s-server-ca.crt \
      -verify_hostname kubernetes -servername kubernetes -connect 127.0.0.1:@PORT@ 2>/dev/null)
  [[ $status == 200 ]]
}

main() {
  local status=
  if [[ ${1:-} == path ]]; then
    # Without a healthy server no path works, and the virtual IP stays where it is.
    ! healthy_twice || path_leads_to_api
  else
    healthy_twice
  fi
}

main "$@"
