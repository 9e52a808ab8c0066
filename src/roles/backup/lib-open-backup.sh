# shellcheck shell=bash
# shellcheck disable=SC2154 # of those who source this
# What a backup has in it, and who may work on one. Needs lib.sh and work, a folder.

# unpack: the backup from standard input, not encrypted, into $work. The operator's machine has checked one that is
# restored, too; a file may be truncated in transit.
unpack() {
  local file
  tar --extract --directory "$work" --no-same-owner --file - manifest.json token k3s.dump ||
    fatal "this is not a backup of k3s-cdk, or is incomplete: give another file"
  for file in token k3s.dump; do
    [[ $(value "$file") == "$(sum "$work/$file")" ]] ||
      fatal "'$file' in the backup differs from its checksum: the file is damaged, take another backup"
  done
}

# value NAME: its checksum in the manifest.
value() { grep -oP "\"${1//./\\.}\": *\"\K[0-9a-f]{64}" "$work/manifest.json"; }

sum() { sha256sum <"$1" | cut -d' ' -f1; }

# take_backup_lock: until the end no other program here makes, tries or restores a backup. Run the rest with `9>&-`: what
# it starts does not get the lock then, which a program that stays would hold.
take_backup_lock() {
  exec 9>/run/lock/k3s-cdk-make-backup
  flock --wait 900 9 || fatal "a backup has been running for 15 minutes: see 'systemctl status k3s-cdk-backup'"
}
