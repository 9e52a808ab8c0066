#!/usr/bin/env bash
# Starts a step as root. What was brought for it is taken out of reach first: an apply that was killed may have left a run
# behind that goes on, or somebody applies from another copy of the project, and no run may pull files from under another.
# Then the step waits for those runs.
#
# Arguments: name of the step, folder that was uploaded into this one (optional; run.sh gets its path)
set -euo pipefail

# Whatever the host's is: what steps make for others is readable by them, and each secret's file says its own mode.
umask 022
# The operator may be gone; a half-configured package or service is worse than lost output.
trap '' PIPE
# Whatever sudo or the SSH server made of it.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec </dev/null

readonly records=/var/lib/k3s-cdk/records

main() {
  local step=$1 upload=${2:-} here staging work old record
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  staging=$(dirname "$here")

  # Beside what was brought, so that moving costs nothing; root's alone.
  work=$(mktemp -d "$staging/run.$step.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$work'" EXIT
  # As long as this runs or waits.
  exec 8<"$work"
  flock 8
  mv -T "$here" "$work/step"

  exec 9>"/run/lock/k3s-cdk-$step"
  if ! flock --wait 600 9; then
    echo "error: $(uname -n): step '$step' of an earlier apply is still running after 10 minutes: see 'ps -ef | grep $staging', end it or wait, then apply again" >&2
    exit 1
  fi
  # Terraform empties what it has run, and leaves the file. Another step may start here at the same time and remove it, and
  # move its own folder away: find calls that an error.
  find "$staging" -maxdepth 1 -name '*.sh' -mmin +1 -delete 2>/dev/null || true
  # Left by a power cut: nobody holds it.
  for old in "$staging/run.$step."*; do flock --nonblock "$old" rm -rf "$old" || true; done
  # Left by Terraform, which empties what it has run, and by an apply that was killed: what another one has sent is running within
  # seconds, and needs its file no more. None takes seconds to be sent.
  find "$(dirname "$staging")" -maxdepth 1 -name '.k3s-cdk-*.sh' \( -empty -mmin +0.1 -o ! -newermt '30 seconds ago' \) -delete 2>/dev/null || true

  # What a run that did not end well has put on the host is known as well as what the last good one has.
  install -d -m 0700 /var/lib/k3s-cdk "$records"
  record=$records/$step
  [[ ! -e $record.unfinished ]] || cat "$record.unfinished" >>"$record"
  (umask 077 && : >"$record.unfinished")

  # Without the locks, which daemons started by the step would inherit.
  RECORD=$record.unfinished bash "$work/step/run.sh" ${upload:+"$work/step/$upload"} 8>&- 9>&-
  mv -fT "$record.unfinished" "$record"
}

main "$@"
