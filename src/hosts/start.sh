#!/usr/bin/env bash
# Starts a step as root. First it moves the uploaded files out of reach: a killed apply may have left a run that is
# still going, or somebody may be applying from another copy of the project, and no run may remove another's files. Then
# the step waits for those runs.
#
# Arguments: name of the step, the run as Terraform's state has it, folder that was uploaded into this one (optional;
# run.sh gets its path)
set -euo pipefail

# Whatever the host's umask is: files that steps create for others are readable by them, and each secret has an explicit
# mode.
umask 022
# The operator may be gone; a half-configured package or service is worse than lost output.
trap '' PIPE
# Whatever sudo or the SSH server set it to.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec </dev/null

readonly records=/var/lib/k3s-cdk/records runs=/var/lib/k3s-cdk/runs

main() {
  local step=$1 run=$2 upload=${3:-} here staging work old record
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  staging=$(dirname "$here")

  # Beside the uploaded files, so that moving them is free; accessible only by root.
  work=$(mktemp -d "$staging/run.$step.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$work'" EXIT
  # Held as long as this runs or waits.
  exec 8<"$work"
  flock 8
  mv -T "$here" "$work/step"

  exec 9>"/run/lock/k3s-cdk-$step"
  if ! flock --wait 600 9; then
    echo "error: $(uname -n): step '$step' of an earlier apply is still running after 10 minutes: see 'ps -ef | grep $staging', end it or wait, then apply again" >&2
    exit 1
  fi
  # Terraform empties the script it has run, and leaves the file. Another step may start here at the same time, remove
  # it, and move its own folder away: find reports that as an error.
  find "$staging" -maxdepth 1 -name '*.sh' -mmin +1 -delete 2>/dev/null || true
  # Left by a power cut: nobody holds its lock.
  for old in "$staging/run.$step."*; do flock --nonblock "$old" rm -rf "$old" || true; done
  # Left by Terraform, which empties the script it has run, and by killed applies: a script from another apply runs
  # within seconds, and then no longer needs its file. None takes seconds to upload.
  find "$(dirname "$staging")" -maxdepth 1 -name '.k3s-cdk-*.sh' \( -empty -mmin +0.1 -o ! -newermt '30 seconds ago' \) -delete 2>/dev/null || true

  # What a failed run has put on the host is recorded, too, not only what the last good one has.
  install -d -m 0700 /var/lib/k3s-cdk "$records"
  record=$records/$step
  [[ ! -e $record.unfinished ]] || cat "$record.unfinished" >>"$record"
  (umask 077 && : >"$record.unfinished")

  # Without the locks, which daemons started by the step would inherit.
  RECORD=$record.unfinished bash "$work/step/run.sh" ${upload:+"$work/step/$upload"} 8>&- 9>&-
  mv -fT "$record.unfinished" "$record"

  # What Terraform asks for when it was killed. More than one: two states may have this host for a while.
  install -d -m 0700 "$runs"
  {
    tail -n 19 "$runs/$step" 2>/dev/null || true
    echo "$run"
  } >"$runs/$step.new"
  mv -fT "$runs/$step.new" "$runs/$step"
}

main "$@"
