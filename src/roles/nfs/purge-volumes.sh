# shellcheck shell=bash
# Deletes the volumes. Part of purge-data.sh.
#
# Input: EXPORT_PATH, their folder

purge_volumes() {
  is_the_clusters "${EXPORT_PATH:?}" volumes || return 0
  [[ ! -d $EXPORT_PATH ]] ||
    find "$EXPORT_PATH" -mindepth 1 -maxdepth 1 -not -name lost+found -not -name "${folder_marker:?}" -exec rm -rf --one-file-system {} +
  echo "the volumes in $EXPORT_PATH are deleted"
  remove_folder "$EXPORT_PATH"
}
