#!/usr/bin/env bash
# Ends the container of Postgres when that does not answer, and systemd starts it again. Runs as its user, all the time.
# Not a health check of podman's: each of those is written to the disk, a megabyte with podman 5.4, and takes a process
# that the kernel of a small board needs a second for.
#
# Arguments: postgres ADDRESS:PORT, or patroni ADDRESS:PORT and the folder of Patroni's configuration
set -u

readonly unit=k3s-postgres.service pause=30 patience=10

# A handshake, which a Postgres that recovers or has no connection left also makes; it leaves no line in its log.
postgres_answers() {
  timeout "$patience" openssl s_client -starttls postgres -connect "$1" </dev/null >/dev/null 2>&1
}

# Patroni itself; whether its Postgres works is its business.
patroni_answers() {
  local status
  read -r _ status _ < <(printf 'GET /liveness HTTP/1.0\r\n\r\n' |
    timeout "$patience" openssl s_client -quiet -connect "$1" -CAfile "$2/cluster-ca.crt" \
      -cert "$2/patroni.crt" -key "$2/patroni.key" 2>/dev/null)
  [[ ${status:-} == 200 ]]
}

main() {
  local kind=$1 failed=0
  shift
  while sleep "$pause"; do
    # One that starts may have to fetch its image, and one that stops is not to be helped.
    if "${kind}_answers" "$@" || ! systemctl --user --quiet is-active "$unit"; then
      failed=0
      continue
    fi
    failed=$((failed + 1))
    if ((failed >= 3)); then
      echo "$kind at $1 has not answered three times: ending it" >&2
      podman kill --signal KILL k3s-postgres >/dev/null
      failed=0
    fi
  done
}

main "$@"
