# shellcheck shell=bash
# Reports the state of a host, and changes nothing. Read by bash from standard input, after the probes of the host's
# roles, with the inputs as variables and the call of probe at the end.
#
# Prints a line for each item: its kind, then its values, separated by tabs. probe-answer.ts and the roles read them.
#
# Inputs; those of roles are in their scripts:
#   HOST          name of the host
#   PATIENCE      seconds that a program has to answer
#   UNITS         units of systemd that its roles need
#   FOLDERS       folders whose file systems are of interest
#   CERTIFICATES  patterns of files
#   CALLS         functions of the roles' scripts

: "${HOST?}" "${PATIENCE?}" "${UNITS?}" "${FOLDERS?}" "${CERTIFICATES?}" "${CALLS?}"

# shellcheck source=probe-machine.sh
. "${here:?}/probe-machine.sh"
# shellcheck source=probe-records.sh
. "${here:?}/probe-records.sh"

tell() {
  local IFS=$'\t'
  printf '%s\n' "${*//[$'\n']/ }"
}

probe() {
  local call answer
  local -a answers=()
  tell time "$(date +%s.%N)"
  # These wait for other programs; meanwhile the rest is done.
  for call in $CALLS; do
    exec {answer}< <("$call")
    answers+=("$answer")
  done
  machine
  board
  units
  records
  certificates
  for answer in "${answers[@]}"; do cat <&"$answer"; done
  tell end
}

units() {
  # shellcheck disable=SC2046,SC2086 # lists
  set -- $UNITS $(recorded_units)
  (($# > 0)) || return 0
  timeout 10 systemctl show --property=Id,LoadState,UnitFileState,ActiveState,SubState,NRestarts -- "$@" | awk -F= '
    function flush() {
      if ("Id" in value && !seen[value["Id"]]++)
        print "unit\t" value["Id"] "\t" value["LoadState"] "\t" value["UnitFileState"] "\t" value["ActiveState"] "\t" value["SubState"] "\t" value["NRestarts"] + 0
      delete value
    }
    /=/ { value[$1] = $2 }
    /^$/ { flush() }
    END { flush() }'
}

# The first certificate of each file: the others are its issuers'.
certificates() {
  local -a files
  shopt -s nullglob
  # shellcheck disable=SC2206 # patterns
  files=($CERTIFICATES)
  ((${#files[@]} > 0)) || return 0
  awk 'FNR == 1 { inside = 0 }
    /-----BEGIN CERTIFICATE-----/ { inside = !(FILENAME in body); if (inside) body[FILENAME] = ""; next }
    /-----END CERTIFICATE-----/ { inside = 0 }
    inside { sub(/\r$/, ""); body[FILENAME] = body[FILENAME] $0 }
    END { for (file in body) print "certificate\t" file "\t" body[file] }' "${files[@]}"
}
