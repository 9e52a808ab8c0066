# shellcheck shell=bash
# shellcheck disable=SC2154 # of those who source this, and of backup.env
# The copies elsewhere, which restic keeps. Needs lib.sh and, of backup.env, OFFSITE, OFFSITE_KEEP, PRUNE and
# CLUSTER. Passwords and keys are in files beside.

# restic_in ARGUMENT...: restic in the repository. What it needs to get there are variables, in no argument.
restic_in() {
  local name value
  local -a options=()
  [[ $OFFSITE != sftp:* ]] || options=(-o "sftp.command=$(ssh_command)")
  (
    while IFS='=' read -r name value || [[ -n $name ]]; do
      [[ ! $name =~ ^[A-Z][A-Z0-9_]*$ ]] || export "$name=${value%$'\r'}"
    done < <(cat "$here/restic.env" 2>/dev/null)
    export RESTIC_REPOSITORY=$OFFSITE RESTIC_PASSWORD_FILE=$here/restic-password RESTIC_CACHE_DIR=/var/cache/k3s-cdk-restic
    exec timeout "${OFFSITE_SECONDS:-3600}" restic "${options[@]}" "$@"
  )
}

# ssh_command: with the key and the host keys beside, and never those of root. restic's own would ask.
ssh_command() {
  local target=${OFFSITE#sftp:} port='' host
  if [[ $target =~ ^//([^/]*@)?(\[[^]/]*\]|[^/:]*)(:([0-9]+))?/ ]]; then
    port=${BASH_REMATCH[4]} host=${BASH_REMATCH[2]#\[}
    target=${BASH_REMATCH[1]}${host%\]}
  else
    target=${target%%:*}
  fi
  echo "ssh -F none -i $here/restic-ssh-key -o UserKnownHostsFile=$here/restic-known-hosts -o GlobalKnownHostsFile=none \
-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=20 ${port:+-p $port} $target -s sftp"
}

# ours COMMAND ARGUMENT...: of this cluster's copies, whichever host has made them.
ours() { restic_in "$1" --host "$CLUSTER" --tag k3s-cdk "${@:2}"; }

# send_offsite FILE
send_offsite() {
  restic_in cat config >/dev/null 2>&1 </dev/null || restic_in init --quiet </dev/null ||
    fatal "restic cannot open or make the repository '$OFFSITE' (its reason is above): see 'database.backup.offsite', 'secrets/restic-password' and 'secrets/restic.env'"
  # Only those of processes that are gone.
  restic_in unlock --quiet </dev/null || true
  ours backup --quiet --stdin --stdin-filename "${1##*/}" <"$1" ||
    fatal "restic cannot copy the backup to '$OFFSITE' (its reason is above)"
  [[ $PRUNE == true ]] || return 0
  # Each has a path of its own, by which restic would group them.
  # shellcheck disable=SC2086 # options
  ours forget --quiet --prune --group-by host,tags $OFFSITE_KEEP </dev/null ||
    fatal "restic cannot remove old backups in '$OFFSITE' (its reason is above): if this host may only append, set 'database.backup.offsite.prune' to false"
  info "copied it to $OFFSITE"
}

# offsite_names: newest first.
offsite_names() {
  local listed
  listed=$(ours snapshots --json </dev/null) || fatal "restic cannot list the repository '$OFFSITE' (its reason is above)"
  grep -oE '"paths":\["/[^"]*"' <<<"$listed" | sed 's|.*/||; s|"$||' | grep -E "^${CLUSTER}-[0-9]{8}T[0-9]{6}Z\.tar(\.cms)?$" | sort -ur || true
}

# from_offsite NAME: to standard output.
from_offsite() {
  ours dump --path "/$1" latest "/$1" </dev/null || fatal "restic cannot get '$1' from '$OFFSITE' (its reason is above)"
}
