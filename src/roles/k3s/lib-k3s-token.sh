# shellcheck shell=bash
# shellcheck disable=SC2154 # what k3s.sh and step.env have set
# Replaces the server token. k3s keeps the data that a server starts from in the database, encrypted with the token, so
# a running server has to re-encrypt it before any server starts with the new one. Part of k3s.sh. Needs lib-token.sh.

# Seconds for a server that is stopped or busy to take the request.
readonly replace_timeout=120

# replace_token FILE: the cluster's data is encrypted with the token in FILE, and a rollback would start with it too.
replace_token() {
  local new=$1 old=$state/good$etc/token
  # A first start, or a host that was an agent before.
  [[ -f $state/good$etc/datastore/ca.crt && -f $old ]] || return 0
  ! cmp -s "$old" "$new" || return 0
  info "replacing the servers' token"
  if ! systemctl is-active --quiet "$unit"; then
    # The old unit does not start with this file if the agent token has changed (see k3s-unit.ts).
    rm -f /var/lib/rancher/k3s/server/cred/passwd
    systemctl start --no-block "$unit"
  fi
  started=$EPOCHSECONDS
  wait_until "$replace_timeout" token_is_replaced "$old" "$new" || {
    explain_not_ready "$unit" "$started" >&2
    fatal "k3s does not run on this host with the token it has had, so it cannot be replaced (k3s's last messages are above); nothing was changed: fix that, or put the token back with 'k3s-cdk init --rotate', then apply again"
  }
  install -m 0600 "$new" "$old.k3s-cdk-new"
  sync "$old.k3s-cdk-new"
  mv -fT "$old.k3s-cdk-new" "$old"
}

# token_is_replaced OLD NEW: this server replaces it, or another one has; then this one can no longer start with the old
# one.
token_is_replaced() {
  ask_for_token "$1" "$2" || ask_for_token "$2" "$2" || token_is_refused
}

token_is_refused() {
  journalctl --no-pager --output cat --unit "$unit" --since "@$started" | grep -q "$other_token"
}

# ask_for_token PRESENT NEW: k3s accepts the request from whoever knows the present token. Passed in a file, because
# arguments are not secret.
ask_for_token() {
  local request=$here/token-request address
  address=$(awk '$1 == "server:" { print $2; exit }' "$admin_kubeconfig" 2>/dev/null) || return 1
  (
    umask 077
    mkdir -p "$request"
    printf '{ "newToken": %s }\n' "$(json_text "$2")" >"$request/body.json"
    printf '{ "apiVersion": "v1", "kind": "Config", "current-context": "k3s",
      "clusters": [{ "name": "k3s", "cluster": { "server": "%s", "certificate-authority": "%s" } }],
      "users": [{ "name": "k3s", "user": { "username": "server", "password": %s } }],
      "contexts": [{ "name": "k3s", "context": { "cluster": "k3s", "user": "k3s" } }] }\n' \
      "$address" /var/lib/rancher/k3s/server/tls/server-ca.crt "$(json_text "$1")" >"$request/kubeconfig"
  )
  /usr/local/bin/k3s kubectl --kubeconfig "$request/kubeconfig" --request-timeout 10s \
    replace --raw /v1-k3s/token -f "$request/body.json" >/dev/null 2>&1
}

# json_text FILE
json_text() { printf '"%s"' "$(token_text "$1" | sed 's/[\\"]/\\&/g')"; }
