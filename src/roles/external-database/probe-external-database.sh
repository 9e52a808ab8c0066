# shellcheck shell=bash
# shellcheck disable=SC2154 # inputs of probe.sh
# What this server gets from a database that is elsewhere. Part of probe.sh.
#
# Inputs, beside those of lib-external-database.sh:
#   ADDRESSES  host:port of each of its servers, separated by blanks

# shellcheck source=lib-postgres.sh
. "${here:?}/lib-postgres.sh"
# shellcheck source=lib-external-database.sh
. "${here:?}/lib-external-database.sh"

external_database() {
  local folder=/usr/local/libexec/k3s-cdk/external-database facts said address
  # Of make-backup.sh.
  tell backup "$(cat /var/lib/k3s-cdk/backup/last.json 2>/dev/null)"
  # Its step has not run.
  [[ -d $folder ]] || return 0
  said=$(mktemp)
  if facts=$(ask_facts 2>"$said"); then
    printf 'datastore-facts\t%s\n' "$facts"
  else
    tell datastore-failure "$(reason "$said")"
  fi
  rm -f "$said"
  [[ ! -e $folder/client.crt ]] || expiry client <"$folder/client.crt"
  [[ $DATASTORE_CA != none ]] || return 0
  for address in $ADDRESSES; do show_certificate "$address" | expiry "$address"; done
}

# expiry OF-WHAT: of the certificate on standard input, if there is one.
expiry() {
  local end
  end=$(openssl x509 -noout -enddate 2>/dev/null | cut -d= -f2)
  [[ -z $end ]] || tell datastore-certificate "$1" "$(date -u -d "$end" +%FT%TZ)"
}
