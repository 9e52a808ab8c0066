# shellcheck shell=bash
# shellcheck disable=SC2154 # of those who source this
# What a backup has in it. Needs lib.sh and work, a folder.

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
