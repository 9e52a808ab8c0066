# shellcheck shell=bash
# How many guests the toy has. Part of probe.sh.
#
# Input: TOY_FOLDER, where they are

toy() {
  tell toy "$(find "${TOY_FOLDER:?}" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)"
}
