#!/usr/bin/env bash
# Looks after this host: asks it what `k3s-cdk status` does, and calls somebody when that is due. Installed by the watch
# step, with its inputs in watch.env beside it, the probe and its inputs as probe-host.sh and probe.env, and an address as
# problems and heartbeat; run by a timer.
#
# - A problem is reported when it was there in two runs, so that a reboot is none; again when it is there a day later; and
#   that it is gone when it was gone in two runs. What could not be reported is due at the next run.
# - The heartbeat, of servers, is called while the API answers at its address. Each server calls, so the others report one
#   that is off; when none calls, whoever expects the call knows.
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-judge.sh
. "$here/lib-judge.sh"
# shellcheck source=lib-call.sh
. "$here/lib-call.sh"
# shellcheck source=/dev/null
. "$here/watch.env"
: "${HOST:?}" "${CLUSTER:?}" "${API_URL?}" "${SERVICES?}" "${CERTIFICATE_DAYS:?}"

# A full disk must not make a host call every five minutes: what is known is in memory, with a copy for after a boot.
readonly state=/run/k3s-cdk-watch kept=/var/lib/k3s-cdk/watch
# Seconds between two calls about the same problem, less what a timer may be late.
readonly again=$((24 * 60 * 60 - 600))

# By "CODE SUBJECT": of problems now, sentences and scopes; of those that were reported, when.
declare -A found=() scope=() before=() told=() of=() scopes=([own]=judged)

main() {
  mkdir -p "$state" "$kept"
  exec 9>"$state/lock"
  flock --nonblock 9 || exit 0
  # Without the lock, which programs started here would inherit: one that stays would hold it.
  round 9>&-
}

round() {
  [[ -e $state/told ]] || cp "$kept"/* "$state/" 2>/dev/null || true
  look
  recall
  ! has_address problems || report_problems
  ! has_address heartbeat || [[ ${api:-} != yes ]] || beat
  remember
}

has_address() { [[ -e $here/$1 ]]; }

look() {
  local kind code subject severity sentence
  timeout 120 bash <(cat "$here/probe.env" "$here/probe-host.sh" && echo 'probe </dev/null 2>/dev/null') >"$state/answer" || true
  if ! grep -qx end "$state/answer"; then
    printf 'own\tprobe-failed\t\terror\t%s takes too long to say how it is\n' "$HOST" >"$state/found"
    scopes[own]=unknown
  else
    { cat "$state/answer" && expiring; } | judge >"$state/found"
  fi
  at_the_address >>"$state/found"
  ! grep -qx $'scope\tnodes\tjudged' "$state/found" || silent_services >>"$state/found"
  # Bash would take several tabs for one.
  while IFS=$'\x1f' read -r kind code subject severity sentence; do
    if [[ $kind == scope ]]; then
      scopes[$code]=$subject
    else
      found["$code $subject"]="$severity: $sentence" scope["$code $subject"]=$kind
    fi
  done < <(LC_ALL=C tr '\t' '\037' <"$state/found")
}

# Certificates that end within CERTIFICATE_DAYS; status has them 60 or 90 days before, which would be a call a day.
expiring() {
  local path body
  while IFS=$'\t' read -r _ path body; do
    if ! base64 -d <<<"$body" | openssl x509 -inform DER -noout -checkend 0 >/dev/null 2>&1; then
      printf 'expires\t%s\t-1\n' "$path"
    elif ! base64 -d <<<"$body" | openssl x509 -inform DER -noout -checkend "$((CERTIFICATE_DAYS * 86400))" >/dev/null; then
      printf 'expires\t%s\t1\n' "$path"
    fi
  done < <(grep '^certificate' "$state/answer")
}

# Whether the API answers where clients use it, whoever of the servers has the virtual IP.
at_the_address() {
  [[ -n $API_URL ]] || return 0
  if curl -q --silent --fail --output /dev/null --connect-timeout 5 --max-time 15 --noproxy '*' \
    --cacert /var/lib/rancher/k3s/server/tls/server-ca.crt "$API_URL/readyz"; then
    printf 'scope\tapi\tyes\n'
  else
    printf 'own\tapi-unreachable\t\terror\t%s gets no answer from the API at %s\n' "$HOST" "$API_URL"
  fi
}

# Hosts that are no nodes: what they serve answers, or does not.
silent_services() {
  local name address port
  while read -r address port name; do
    [[ -n $name ]] || continue
    timeout 5 bash -c "exec 3<>/dev/tcp/$address/$port" 2>/dev/null ||
      printf 'nodes\tservice-silent\t%s:%s\terror\t%s gets no connection to %s at %s port %s\n' "$address" "$port" "$HOST" "$name" "$address" "$port"
  done <<<"$SERVICES"
}

# What was known after the last run.
recall() {
  local time kind key
  api=${scopes[api]:-}
  while IFS=$'\t' read -r kind key; do before[$key]=$kind; done < <(cat "$state/before" 2>/dev/null)
  while IFS=$'\t' read -r time kind key; do told[$key]=$time of[$key]=$kind; done < <(cat "$state/told" 2>/dev/null)
}

report_problems() {
  local key due='' now
  local -a lasting=() gone=()
  now=$(date +%s)
  for key in "${!found[@]}"; do
    [[ -n ${before[$key]:-} || -n ${told[$key]:-} ]] || continue
    lasting+=("$key")
    ((now - ${told[$key]:-0} < again)) || due=yes
  done
  for key in "${!told[@]}"; do
    [[ -n ${told[$key]} && -z ${found[$key]:-} ]] || continue
    case ${scopes[${of[$key]}]:-} in
      # Another host reports it now.
      left) told[$key]='' ;;
      judged) if [[ -z ${before[$key]:-} ]]; then gone+=("$key") due=yes; fi ;;
      *) ;;
    esac
  done
  [[ -n $due ]] || return 0
  problem_text >"$state/text"
  call problems "$state/text" || return 0
  for key in "${gone[@]}"; do told[$key]=''; done
  for key in "${lasting[@]}"; do told[$key]=$now of[$key]=${scope[$key]}; done
}

# At most some twenty lines: services cut a text of more than 4 KB, or make a file of it.
problem_text() {
  local key
  if ((${#lasting[@]} > 0)); then
    printf '%s: %s problem%s, reported by %s\n' "$CLUSTER" "${#lasting[@]}" "$( ((${#lasting[@]} == 1)) || echo s)" "$HOST"
    for key in "${lasting[@]}"; do printf '%.300s\n' "${found[$key]}"; done | LC_ALL=C sort | head -n 12
  else
    printf '%s: no problem any more, reported by %s\n' "$CLUSTER" "$HOST"
  fi
  for key in "${gone[@]}"; do printf 'gone: %.200s\n' "$key"; done | LC_ALL=C sort | head -n 8
  echo "'k3s-cdk status' says more"
}

beat() {
  printf '%s: the API answers at %s, reported by %s\n' "$CLUSTER" "$API_URL" "$HOST" >"$state/text"
  call heartbeat "$state/text" || true
}

remember() {
  local key
  for key in "${!found[@]}"; do printf '%s\t%s\n' "${scope[$key]}" "$key"; done >"$state/before.next"
  for key in "${!told[@]}"; do
    [[ -z ${told[$key]} ]] || printf '%s\t%s\t%s\n' "${told[$key]}" "${of[$key]}" "$key"
  done >"$state/told.next"
  note run "$(date -u +%FT%TZ)"
  mv -fT "$state/before.next" "$state/before"
  mv -fT "$state/told.next" "$state/told"
  cp "$state"/{before,told,last} "$kept/" 2>/dev/null || true
}

main "$@"
