# shellcheck shell=bash
# Whether the volumes are served. Part of probe.sh.
#
# Input: EXPORT_PATH, the directory that NFS serves

exports() {
  tell export "$(awk -v path="${EXPORT_PATH:?}" '$1 == path { count++ } END { print count + 0 }' /var/lib/nfs/etab 2>/dev/null)"
}
