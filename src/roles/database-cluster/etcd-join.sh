#!/usr/bin/env bash
# Finds a cluster for a member of etcd that starts with nothing, and writes down how etcd is to start. Data is in memory,
# so every start is like this, after a reboot as well as after a crash. Returns when there is
#
# - a cluster that works: this host is taken out of it and added again as a new member; or
# - two of the three members that have nothing either: then what was is gone for certain, because a cluster has two
#   members or three, and needs two that remember. They make a new one together, under a name that none had before: a
#   member that was cut off meanwhile and still has the old one is not let in with it. One that comes later joins; until
#   then it is no member, because etcd agrees on its version only when it has heard from every member.
#
# A member that waits says so by TLS with certificates of both sides at its peers' port, by one of the lines
#   empty                  it has nothing
#   found TOKEN NAME...    it makes a new cluster, called TOKEN, of the members NAME, if all of them come along
#   vote TOKEN NAME...     it comes along
# The one that makes the cluster is the first in the order of the members that wait.
#
# Inputs (settings.env beside it): see etcdSettings in etcd-units.ts
# Output: etcd.env in the folder of the user's runtime data
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/settings.env"
: "${NAME:?}" "${ADDRESS:?}" "${MEMBERS:?}" "${CLIENT_PORT:?}" "${PEER_PORT:?}" "${XDG_RUNTIME_DIR:?}"

readonly state=$XDG_RUNTIME_DIR/k3s-etcd
readonly statement=$state/statement/statement
readonly config=$here/config
declare -A address=()
declare -a names=()
says=empty
promised=
silent=0
speaker=

main() {
  local member
  for member in $MEMBERS; do
    names+=("${member%%=*}")
    address[${member%%=*}]=${member#*=}
  done
  mkdir -p "$state/statement"
  say empty
  trap 'be_silent' EXIT
  speak
  until join_cluster || make_cluster; do
    # It serves one connection at a time, which a peer that lost power would hold for ever.
    kill -0 "$speaker" 2>/dev/null || speak
    sleep 1
  done
}

# --- A cluster that works

join_cluster() {
  local name members id
  for name in "${names[@]}"; do
    [[ $name != "$NAME" ]] || continue
    members=$(ask "$name" member/list '{"linearizable":true}') || continue
    # What this host was before has lost its memory.
    for id in $(ids_of_this_host "$members"); do
      ask "$name" member/remove "{\"ID\":\"$id\"}" >/dev/null || return 1
    done
    # Refused until the others have been in touch with each other for some seconds.
    ask "$name" member/add "{\"peerURLs\":[\"$(peer_url "$NAME")\"]}" >/dev/null || return 1
    members=$(ask "$name" member/list '{"linearizable":true}') || return 1
    note existing "$(initial_cluster "$members")" none
    echo "joining the cluster of $name"
    return 0
  done
  return 1
}

# ask MEMBER PATH MESSAGE
ask() {
  tls --fail --request POST --data "$3" "https://${address[$1]}:$CLIENT_PORT/v3/cluster/$2"
}

tls() {
  curl --silent --http1.1 --max-time 2 --connect-timeout 1 --noproxy '*' --cacert "$config/ca.crt" --cert "$config/member.crt" \
    --key "$config/member.key" "$@" 2>/dev/null
}

# each_member LIST: a line for each, as JSON. Members have no objects in them.
each_member() { grep -oE '\{"ID":"[0-9]+"[^}]*\}' <<<"$1"; }

ids_of_this_host() {
  each_member "$1" | grep -F "\"$(peer_url "$NAME")\"" | grep -oE '"ID":"[0-9]+"' | grep -oE '[0-9]+' || true
}

# initial_cluster LIST: names by addresses, because a member that never ran has none yet.
initial_cluster() {
  local name result=
  for name in "${names[@]}"; do
    if each_member "$1" | grep -qF "\"$(peer_url "$name")\""; then result+=",$name=$(peer_url "$name")"; fi
  done
  echo "${result#,}"
}

peer_url() { echo "https://${address[$1]}:$PEER_PORT"; }

# --- A new cluster

make_cluster() {
  local name line waiting=()
  local -A said=()
  for name in "${names[@]}"; do
    if [[ $name == "$NAME" ]]; then
      line=$says
    else
      line=$(tls "$(peer_url "$name")/statement") || continue
    fi
    [[ $line =~ ^(empty|(found|vote)\ [0-9a-f]{16}(\ [a-z0-9.-]+)+)$ ]] || continue
    said[$name]=$line
    waiting+=("$name")
  done
  if [[ $says == "vote "* && -z ${said[$promised]:-} ]]; then
    follow
    return
  fi
  silent=0
  ((${#waiting[@]} > ${#names[@]} / 2)) || return 1
  if [[ ${waiting[0]} == "$NAME" ]]; then
    found
  else
    vote "${waiting[0]}"
  fi
}

# Makes the cluster as soon as all that wait have voted for it. Uses what make_cluster has found.
found() {
  local name
  [[ $says == "found "????????????????" ${waiting[*]}" ]] || say "found $(random) ${waiting[*]}"
  for name in "${waiting[@]:1}"; do
    [[ ${said[$name]} == "vote ${says#found }" ]] || return 1
  done
  new_cluster
}

vote() {
  promised=$1
  if [[ "${said[$1]} " == "found "*" $NAME "* ]]; then say "vote ${said[$1]#found }"; fi
  return 1
}

# The one that this host has promised to come along with is silent: it has its votes and starts etcd with this host in the
# cluster, or it is gone.
follow() {
  if tls "$(peer_url "$promised")/members" | grep -qF "\"$(peer_url "$NAME")\""; then
    new_cluster
    return 0
  fi
  silent=$((silent + 1))
  ((silent < 20)) || say empty
  return 1
}

# The one that was found or voted for.
new_cluster() {
  local token members name all=
  read -r _ token members <<<"$says"
  for name in $members; do all+=",$name=$(peer_url "$name")"; done
  note new "${all#,}" "$token"
  echo "making the new cluster $token of $members"
}

random() { od -An -N8 -tx1 /dev/urandom | tr -d ' \n'; }

# --- Statements

say() {
  says=$1
  printf '%s\n' "$1" >"$statement.next"
  mv -fT "$statement.next" "$statement"
}

speak() {
  local host=${ADDRESS#[}
  (
    cd "$state/statement"
    exec timeout 15 openssl s_server -quiet -accept "[${host%]}]:$PEER_PORT" -cert "$config/member.crt" -key "$config/member.key" \
      -CAfile "$config/ca.crt" -Verify 1 -verify_return_error -WWW </dev/null >/dev/null 2>&1
  ) &
  speaker=$!
}

be_silent() {
  kill "$speaker" 2>/dev/null || true
  wait "$speaker" 2>/dev/null || true
}

# note STATE CLUSTER TOKEN: what etcd starts with.
note() {
  printf 'ETCD_INITIAL_CLUSTER_STATE=%s\nETCD_INITIAL_CLUSTER=%s\nETCD_INITIAL_CLUSTER_TOKEN=%s\n' "$@" >"$state/etcd.env"
}

main "$@"
