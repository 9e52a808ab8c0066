# shellcheck shell=bash
# Queries Patroni on this host with its own program. Needs lib-postgres.sh, HOST.

patronictl() { in_postgres patronictl -c /etc/patroni/patroni.yml "$@"; }

# A line for each database host that etcd knows: name, role (leader, sync_standby, replica), state, bytes behind.
members() { in_postgres /usr/bin/python3 "/etc/patroni/${host_program:-database_host.py}" members </dev/null 2>/dev/null || true; }

# leader: the name of the primary; nothing when there is none.
leader() { members | awk '$2 == "leader" && $3 == "running" { print $1; exit }'; }

has_leader() { [[ -n $(leader) ]]; }

is_leader() { [[ $(leader) == "${HOST:?}" ]]; }

is_no_leader() {
  local name
  name=$(leader)
  [[ -n $name && $name != "$HOST" ]]
}

# The synchronous standby; nothing if there is none.
standby() { members | awk '$2 == "sync_standby" { print $1; exit }'; }

has_standby() { [[ -n $(standby) ]]; }

# switch_over FROM TO
switch_over() {
  info "the primary moves from $1 to $2"
  patronictl switchover k3s --leader "$1" --candidate "$2" --force </dev/null >&2 ||
    fatal "Patroni does not make '$2' the primary (its reason is above): see 'k3s-cdk status'"
}

# hand_over: if this host is the primary, makes the synchronous standby the primary, if there is one.
hand_over() {
  local other
  is_leader || return 0
  wait_until 30 has_standby || true
  other=$(standby)
  if [[ -z $other ]]; then
    warn "no other database host has all data: this one stays the primary while it restarts"
    return 0
  fi
  switch_over "$HOST" "$other"
  wait_until 60 is_no_leader || fatal "no other database host has become the primary: see 'k3s-cdk status'"
}

# Paused, Patroni leaves everything as it is: it starts, stops and promotes no Postgres on any host.
is_paused() { patronictl show-config k3s </dev/null | grep -q '^pause: true'; }
