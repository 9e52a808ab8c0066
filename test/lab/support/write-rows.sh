#!/usr/bin/env bash
# Inserts a row every 100 ms the way k3s reaches its datastore, each over a connection of its own, and prints a line for
# each that was acknowledged: its number and when, in milliseconds since 1970. Runs on a k3s server.
# Argument: first number
set -u
number=$1
tls=/etc/rancher/k3s/datastore
endpoint=$(sed -n 's/^datastore-endpoint: "\(.*\)"$/\1/p' /etc/rancher/k3s/config.yaml)
export PGSSLMODE=verify-full PGSSLROOTCERT=$tls/ca.crt PGSSLCERT=$tls/client.crt PGSSLKEY=$tls/client.key

while sleep 0.1; do
  # Ends when nobody listens any more.
  echo
  (($(jobs -rp | wc -l) < 30)) || continue
  (timeout 5 psql -XAtq "$endpoint" -c "INSERT INTO lab_rows VALUES ($number)" >/dev/null 2>&1 && echo "$number $(date +%s%3N)") &
  number=$((number + 1))
done
