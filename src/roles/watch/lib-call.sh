# shellcheck shell=bash
# shellcheck disable=SC2154 # of watch.sh
# Calls an address, which is in no argument of a process and in no message: `heartbeat` or `problems` beside watch.sh, its
# first line, and headers in further ones. Needs state and here of watch.sh.

# call NAME FILE: sends FILE. Notes when that worked, or since when and why it does not.
call() {
  local code status=0
  # Whatever a host has named, a terminal or a mail shows it.
  LC_ALL=C tr -cd '\n -~' <"$2" >"$state/body"
  code=$(curl_config "$here/$1" | timeout 100 curl -q --config - --silent --fail --output /dev/null --write-out '%{http_code}' \
    --connect-timeout 10 --max-time 30 --retry 2 --retry-delay 5 --header 'Content-Type: text/plain; charset=utf-8' \
    --data-binary "@$state/body") || status=$?
  if ((status == 0)); then
    note "$1" "$(date -u +%FT%TZ)"
    note "$1-failure"
    info "called $1"
    return
  fi
  grep -q "^$1-failure" "$state/last" 2>/dev/null || note "$1-failure" "$(date -u +%FT%TZ)" "$(curl_reason "$status" "$code")"
  warn "cannot call $1: $(curl_reason "$status" "$code")"
  return 1
}

curl_config() {
  local line option=url
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ -n $line ]] || continue
    line=${line//\\/\\\\}
    printf '%s = "%s"\n' "$option" "${line//\"/\\\"}"
    option=header
  done <"$1"
}

# curl_reason STATUS HTTP-CODE: curl's own words have the address.
curl_reason() {
  case $1 in
    5 | 6) echo "the name cannot be resolved" ;;
    7) echo "no connection" ;;
    22) echo "HTTP status ${2:-unknown}" ;;
    28 | 124) echo "no answer in time" ;;
    35 | 51 | 58 | 60) echo "TLS fails: the certificate, or the time of this host" ;;
    *) echo "curl ends with status $1" ;;
  esac
}

# note NAME [VALUE...]: replaces its line in what `status` reads; without a value, removes it.
note() {
  local IFS=$'\t'
  { grep -v "^$1"$'\t' "$state/last" 2>/dev/null || true; if (($# > 1)); then printf '%s\n' "$*"; fi; } >"$state/last.next"
  mv -fT "$state/last.next" "$state/last"
}
