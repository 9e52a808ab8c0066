# shellcheck shell=bash
# Where the virtual IP is and what haproxy thinks of the servers. Part of probe.sh.

load_balancer() {
  [[ -n $VIRTUAL_IP ]] || return 0
  tell virtual-ip "$([[ -n $(ip -o address show to "$VIRTUAL_IP") ]] && echo yes || echo no)"
  haproxy_says 'show stat' | awk -F, '$1 == "servers" && $2 != "BACKEND" { print "backend\t" $2 "\t" $18 "\t" $37 }'
}

# haproxy_says COMMAND. Only these can talk to a socket and are on every system: dpkg needs Perl, dnf Python.
haproxy_says() {
  local socket=/run/haproxy/k3s-api.sock python
  [[ -S $socket ]] || return 0
  if command -v perl >/dev/null; then
    # shellcheck disable=SC2016 # Perl's variables
    timeout 5 perl -MIO::Socket::UNIX -e '
      my $socket = IO::Socket::UNIX->new($ARGV[0]) or exit 1; print $socket "$ARGV[1]\n"; print while <$socket>' "$socket" "$1"
    return
  fi
  python=$(command -v python3 || command -v /usr/libexec/platform-python) || return 0
  timeout 5 "$python" -c '
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
connection.sendall(sys.argv[2].encode() + b"\n")
sys.stdout.writelines(connection.makefile())' "$socket" "$1"
}
