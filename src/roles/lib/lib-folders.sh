# shellcheck shell=bash
# Folders for the cluster's data: which of them belong to the cluster. Others' files would change owners, be exported to
# all nodes and be deleted by `destroy --purge`. Claiming a folder needs lib.sh; checking needs nothing.

# In folders that belong to the cluster; owned by root. It moves with a disk to another machine, and with a copy.
readonly folder_marker=.k3s-cdk-data

is_marked() { [[ -f $1/$folder_marker && ! -L $1/$folder_marker && -O $1/$folder_marker ]]; }

# folder_state FOLDER KIND: missing, empty, ours or others. KIND of data: database or volumes.
folder_state() {
  if [[ ! -d $1 ]]; then
    echo missing
  elif is_marked "$1"; then
    echo ours
  elif [[ -z $(folder_entries "$1") ]]; then
    echo empty
  elif looks_like_ours "$1" "$2"; then
    echo ours
  else
    echo others
  fi
}

# folder_entries FOLDER [FIND-OPTION...]: names in it, a line each, without the marker and what file systems have.
folder_entries() {
  find "$1/" -mindepth 1 -maxdepth 1 -not -name lost+found -not \( -name "$folder_marker" -type f -user 0 \) \
    "${@:2}" -printf '%f\n'
}

# looks_like_ours FOLDER KIND: has the layout of clusters from before there were markers.
looks_like_ours() {
  local entry
  if [[ $2 == database ]]; then
    [[ -e $1/config/pg_hba.conf || -e $1/config/patroni.yml || -d $1/home/.local/share/containers ]] &&
      [[ -z $(folder_entries "$1" -regextype posix-extended -not -regex \
        '.*/((data|cluster|config)(\..*)?|home|etcd|(backup|restore|upgrade|drill)\.work(\.file)?)') ]]
    return
  fi
  # Volumes end in the name of their PersistentVolume; backups may be beside them, in a folder with a marker.
  while read -r entry; do
    [[ -n $(find "$1/$entry" -maxdepth 3 -name "$folder_marker" -type f -user 0 -print -quit) ]] || return 1
  done < <(folder_entries "$1" -regextype posix-extended -not -regex '.*pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
}

# some_entries FOLDER: the first entries for a message, without control characters for a terminal.
some_entries() {
  local text
  local -a names
  mapfile -t names < <(folder_entries "$1" | LC_ALL=C sort)
  printf -v text '%s, ' "${names[@]:0:3}"
  text=${text%, }
  ((${#names[@]} <= 3)) || text+=" and $((${#names[@]} - 3)) more"
  printf '%s' "${text//[^[:print:]]/?}"
}

# serves_already FOLDER KIND: since a release without this check. It is kept as it is.
serves_already() {
  if [[ $2 == database ]]; then
    grep -qsF "readonly folder=$(printf '%q' "$1") " /usr/local/lib/k3s-cdk/uninstall.d/40-database
  else
    grep -qsF "\"$1\" " /etc/exports.d/k3s-cdk.exports
  fi
}

# check_place FOLDER: requires that it does not lead to where data would be deleted. Its name itself was checked with
# cluster.yaml.
check_place() {
  local real
  real=$(readlink -m "$1")
  [[ $real == "$1" ]] || is_place_for_data "$real" ||
    fatal "'$1' leads to '$real', which belongs to the system or is emptied when the host leaves the cluster: use a folder of its own"
}

# file_system FOLDER: its type, or that of the nearest existing parent; empty if it cannot be found.
file_system() {
  local folder=$1
  until [[ -e $folder ]]; do folder=$(dirname "$folder"); done
  findmnt --first-only --noheadings --output FSTYPE --target "$folder" || true
}

# check_file_system FOLDER KIND: requires that files there have owners and survive a reboot, and, for a database, that
# containers can be stored there.
check_file_system() {
  local type why=''
  type=$(file_system "$1")
  case $type in
    vfat | msdos | exfat | ntfs | ntfs3 | fuseblk | hfsplus | udf) why="keeps no owners and permissions of files" ;;
    tmpfs | ramfs) why="lies in memory, and is empty after a reboot" ;;
    squashfs | iso9660 | erofs) why="takes no changes" ;;
    nfs | nfs4 | cifs | smb3 | smbfs | fuse.sshfs | ceph | fuse.glusterfs | afs)
      [[ $2 != database ]] || why="comes over the network, and podman can keep no containers on it"
      ;;
    # podman: "'overlay' is not supported over overlay, a mount_program is required".
    overlay | aufs | ecryptfs)
      [[ $2 != database ]] || command -v fuse-overlayfs >/dev/null || why="takes no containers of podman"
      ;;
    *) ;;
  esac
  [[ -z $why ]] ||
    fatal "'$1' is on a file system of type '$type', which $why: have a disk with ext4 or xfs mounted there ('disks' of the host in cluster.yaml), or set a folder on one"
}

# check_folder FOLDER KIND [ADOPT]: whether it may have the cluster's data. Changes nothing.
check_folder() {
  local files remedy="use a folder of its own"
  check_place "$1"
  check_file_system "$1" "$2"
  [[ ${3:-} != true && $(folder_state "$1" "$2") == others ]] || return 0
  files="'$1' has files that are not the cluster's ($(some_entries "$1"))"
  if serves_already "$1" "$2"; then
    [[ $2 == database ]] ||
      warn "$files: nodes can read and change them, and 'k3s-cdk destroy --purge' leaves all that is in it; set 'nfs.adopt: true' if that is meant"
    return
  fi
  [[ $2 == database ]] ||
    remedy+=", or set 'nfs.adopt: true', with which nodes can read and change them and none is ever deleted"
  fatal "$files: $remedy; if all of it comes from a cluster of k3s-cdk, run 'sudo touch $1/$folder_marker' on the host"
}

# is_place_for_data FOLDER: like the rules 'system-directories' and 'emptied-directories' of cluster.yaml.
is_place_for_data() {
  ! [[ $1 =~ ^/((bin|boot|dev|etc|lib|lib64|proc|root|run|sbin|sys|tmp|usr)(/.*)?|home|var|var/(lib|log|tmp|cache)|media|mnt|opt|srv)?$ ||
    $1 =~ ^/var/(lib/(rancher|kubelet|cni|k3s-cdk|k3s-etcd)|run|lock|tmp|cache)(/|$) || $1 =~ /\.k3s-cdk(/|$) ]]
}

# claim_folder FOLDER KIND [ADOPT]: creates it if it is missing, and marks it if it belongs to the cluster alone.
claim_folder() {
  local state
  check_folder "$@"
  state=$(folder_state "$1" "$2")
  [[ $state != missing ]] || install -d -m 0755 "$1"
  # In a database's folder only what has our names is deleted.
  [[ ${3:-} == true || ($state == others && $2 != database) ]] || mark_folder "$1"
}

mark_folder() {
  if is_marked "$1"; then return; fi
  # Never write through somebody else's link.
  rm -f "$1/$folder_marker"
  (set -o noclobber && echo "Made for a cluster of k3s-cdk: 'k3s-cdk destroy --purge' deletes its data here." >"$1/$folder_marker")
  chmod 0644 "$1/$folder_marker"
}
