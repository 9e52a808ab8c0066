# shellcheck shell=bash
# Sets of files that take effect together: a folder that holds them by their absolute paths. Needs lib.sh.

# add_file MODE SOURCE TARGET
add_file() { install -D -m "$1" -o root -g root "$2" "$3"; }

# add_link TARGET-OF-LINK LINK
add_link() {
  mkdir -p "$(dirname "$2")"
  ln -sfn "$1" "$2"
}

# Names, modes and contents.
describe_files() {
  [[ -d $1 ]] || return 0
  (
    cd "$1" || return
    find . -type l -printf '%p -> %l\n' -o -type f -printf '%p %m\n' | LC_ALL=C sort
    find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum
  )
}

same_files() {
  local one other
  one=$(describe_files "$1")
  other=$(describe_files "$2")
  [[ $one == "$other" ]]
}

# exchange_files OLD NEW: puts the files of NEW in place and removes those that only OLD has.
exchange_files() {
  local path
  while read -r path; do
    mkdir -p "$(dirname "$path")"
    # Atomic, even if power fails.
    cp -a "$2$path" "$path.k3s-cdk-new"
    sync "$path.k3s-cdk-new"
    mv -fT "$path.k3s-cdk-new" "$path"
    placed "$path"
  done < <(paths_of "$2")
  while read -r path; do
    [[ -e $2$path || -L $2$path ]] || remove_file "$path"
  done < <(paths_of "$1")
}

# in_place SET: whether its files are where they belong, unchanged.
in_place() {
  local path
  while read -r path; do
    [[ $(file_state "$1$path") == "$(file_state "$path")" ]] || return 1
    placed "$path"
  done < <(paths_of "$1")
}

file_state() {
  if [[ -L $1 ]]; then
    readlink "$1"
  elif [[ -f $1 ]]; then
    stat -c '%a %U:%G' "$1"
    sha256sum <"$1"
  fi
}

paths_of() {
  [[ -d $1 ]] || return 0
  find "$1" \( -type f -o -type l \) -printf '/%P\n'
}

# keep_files SET NAME: SET becomes the set called NAME.
keep_files() {
  rm -rf "$2.old"
  [[ ! -e $2 ]] || mv -T "$2" "$2.old"
  mv -T "$1" "$2"
  sync "$(dirname "$2")"
  rm -rf "$2.old"
}
