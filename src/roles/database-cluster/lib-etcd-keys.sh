# shellcheck shell=bash
# Keys of etcd, read and written by a database host with Patroni's certificate. Needs lib.sh, ETCD, SECRETS_FOLDER.

# ask_etcd PATH MESSAGE: the answer of the first member that responds.
ask_etcd() {
  local address
  local -a addresses
  read -ra addresses <<<"${ETCD:?}"
  for address in "${addresses[@]}"; do
    as_patroni --fail --data "$2" "https://$address/v3/$1" 2>/dev/null && return
  done
  return 1
}

# as_patroni CURL-ARGUMENT...
as_patroni() {
  curl --silent --max-time 5 --noproxy '*' --cacert "${SECRETS_FOLDER:?}/cluster-ca.crt" \
    --cert "$SECRETS_FOLDER/patroni.crt" --key "$SECRETS_FOLDER/patroni.key" "$@"
}

base64_of() { printf '%s' "$1" | base64 -w 0; }

# A read that a majority has to agree to.
etcd_answers() { ask_etcd kv/range "{\"key\":\"$(base64_of /k3s-cdk/)\"}" >/dev/null; }

# etcd_value KEY: its value, or nothing.
etcd_value() { ask_etcd kv/range "{\"key\":\"$(base64_of "$1")\"}" | sed -n 's/.*"value":"\([A-Za-z0-9+/=]*\)".*/\1/p' | base64 -d; }

# put_etcd_value KEY VALUE
put_etcd_value() { ask_etcd kv/put "{\"key\":\"$(base64_of "$1")\",\"value\":\"$(base64_of "$2")\"}" >/dev/null; }

delete_etcd_value() { ask_etcd kv/deleterange "{\"key\":\"$(base64_of "$1")\"}" >/dev/null; }

# Whether Patroni knows of a database. Cannot be determined without etcd.
initialized() {
  local value
  value=$(etcd_value /k3s-cdk/k3s/initialize) || fatal "etcd does not answer any more: see 'k3s-cdk status', then apply again"
  [[ -n $value ]]
}
