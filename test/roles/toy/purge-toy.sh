# shellcheck shell=bash
# Deletes what the toy has stored. Part of purge-data.sh.
#
# Input: TOY_FOLDER

purge_toy() {
  rm -rf --one-file-system "${TOY_FOLDER:?}"
  echo "the guests in $TOY_FOLDER are deleted"
}
