# shellcheck shell=bash
# What a member of etcd knows about the others, and how it becomes a member: with all of them at once, or by `member
# remove` and `member add`. Needs lib-database-container.sh, DATA_DIR, ETCD_DATA, MEMBERS, PEER_URL, ENDPOINTS, HOST.

# Allows a start without data.
first_start=/var/lib/k3s-etcd/first-start

has_data() { [[ -n $(find "${ETCD_DATA:?}/member/wal" -maxdepth 1 -name '*.wal' -print -quit 2>/dev/null) ]]; }

# etcdctl ARGUMENT...: asks whichever member answers.
etcdctl() {
  one_shot --network host --security-opt label=disable --volume "${DATA_DIR:?}/config:/etc/etcd:ro" \
    etcdctl --endpoints "${ENDPOINTS:?}" --cacert /etc/etcd/cluster-ca.crt --cert /etc/etcd/etcd.crt --key /etc/etcd/etcd.key \
    --dial-timeout 3s --command-timeout 8s "$@"
}

# list_members: a line each, "ID NAME PEER-URL CLIENT-URL", with - for missing values; only if a majority agrees to it.
list_members() {
  etcdctl member list --write-out simple 2>/dev/null | awk -F ', ' '
    { print $1, $3 == "" ? "-" : $3, $4 == "" ? "-" : $4, $5 == "" ? "-" : $5 }'
}

has_majority() { [[ -n $(list_members) ]]; }

# A read that a majority has to agree to.
is_healthy() { ask https://127.0.0.1:2379/health | grep -q '"health":"true"'; }

# It is healthy, and the others know it at its address.
takes_part() { is_healthy && list_members | awk -v url="${PEER_URL:?}" '$3 == url && $4 != "-" { found = 1 } END { exit !found }'; }

# known_by: the first other member that answers, even without a majority, and knows this one as a member that has run.
known_by() {
  local member url
  : "${MEMBERS:?}"
  for member in ${MEMBERS//,/ }; do
    url=${member#*=}
    [[ $url != "$PEER_URL" ]] || continue
    if ask "$url/members" | grep -oE '\{[^{}]*\}' | grep -F "\"$PEER_URL\"" | grep -q '"clientURLs":\["'; then
      echo "${member%%=*}"
      return
    fi
  done
}

ask() {
  curl --silent --fail --http1.1 --max-time 3 --noproxy '*' --cacert "${DATA_DIR:?}/config/cluster-ca.crt" \
    --cert "$DATA_DIR/config/etcd.crt" --key "$DATA_DIR/config/etcd.key" "$1" 2>/dev/null
}

# A new cluster. Because two of three are needed, etcd starts none beside an existing one.
begin_together() { start_with new "${MEMBERS:?}"; }

# join: as a new member of the cluster that the others form.
join() {
  local list member present=''
  find "${ETCD_DATA:?}" -xdev -mindepth 1 -delete
  # Refused until the others have been connected to each other for some seconds.
  wait_until 90 added || failed "is not taken in by the others"
  list=$(list_members)
  for member in ${MEMBERS//,/ }; do
    if grep -qF " ${member#*=} " <<<"$list"; then present+=,$member; fi
  done
  start_with existing "${present#,}"
}

# Only hosts in cluster.yaml are members. This host's former member has lost its data: empty, it would vote twice.
added() {
  local id url list
  list=$(list_members)
  [[ -n $list ]] || return 1
  while read -r id _ url _; do
    if [[ $url != "$PEER_URL" && ,$MEMBERS, == *"=$url,"* ]]; then continue; fi
    info "etcd forgets its member $id at $url"
    etcdctl member remove "$id" >/dev/null || return 1
  done <<<"$list"
  etcdctl member add "${HOST:?}" --peer-urls="$PEER_URL" >/dev/null
}

# start_with STATE CLUSTER: how etcd starts without data, which is now allowed.
start_with() {
  local next=${DATA_DIR:?}/cluster.env.next
  printf 'ETCD_INITIAL_CLUSTER_STATE=%s\nETCD_INITIAL_CLUSTER=%s\n' "$1" "$2" >"$next"
  install -m 0600 -o "${SERVICE_USER:?}" -g "$SERVICE_USER" "$next" "$DATA_DIR/config/cluster.env"
  rm -f "$next"
  touch "$first_start"
}
