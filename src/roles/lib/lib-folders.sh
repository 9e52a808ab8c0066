# shellcheck shell=bash
# Folders for data of the cluster: which of them are ours. What is not ours would change owners, be exported to all nodes
# and be deleted by `destroy --purge`. Claiming one needs lib.sh; asking needs nothing.

# In folders that were made for the cluster, root's. It goes with a disk to another machine, and with a copy.
readonly folder_marker=.k3s-cdk-data

is_marked() { [[ -f $1/$folder_marker && ! -L $1/$folder_marker && -O $1/$folder_marker ]]; }

# folder_state FOLDER KIND: missing, empty, ours or others. KIND is of what the data is: database or volumes.
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

# looks_like_ours FOLDER KIND: what clusters have that were made before there were markers.
looks_like_ours() {
  local entry
  if [[ $2 == database ]]; then
    [[ -e $1/config/pg_hba.conf || -e $1/config/patroni.yml || -d $1/home/.local/share/containers ]] &&
      [[ -z $(folder_entries "$1" -regextype posix-extended -not -regex \
        '.*/((data|cluster|config)(\..*)?|home|etcd|(backup|restore|upgrade)\.work(\.file)?)') ]]
    return
  fi
  # Volumes have the name of their PersistentVolume at the end; backups may lie beside them, in a folder with a marker.
  while read -r entry; do
    [[ -n $(find "$1/$entry" -maxdepth 3 -name "$folder_marker" -type f -user 0 -print -quit) ]] || return 1
  done < <(folder_entries "$1" -regextype posix-extended -not -regex '.*pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
}

# some_entries FOLDER: the first of them for a sentence, without characters that would write to a terminal.
some_entries() {
  local text
  local -a names
  mapfile -t names < <(folder_entries "$1" | LC_ALL=C sort)
  printf -v text '%s, ' "${names[@]:0:3}"
  text=${text%, }
  ((${#names[@]} <= 3)) || text+=" and $((${#names[@]} - 3)) more"
  printf '%s' "${text//[^[:print:]]/?}"
}

# serves_already FOLDER KIND: since a release that asked nobody. It goes on as it is.
serves_already() {
  if [[ $2 == database ]]; then
    grep -qsF "readonly folder=$(printf '%q' "$1") " /usr/local/lib/k3s-cdk/uninstall.d/40-database
  else
    grep -qsF "\"$1\" " /etc/exports.d/k3s-cdk.exports
  fi
}

# check_place FOLDER: it leads nowhere where data would be deleted. Its own name has been looked at with cluster.yaml.
check_place() {
  local real
  real=$(readlink -m "$1")
  [[ $real == "$1" ]] || is_place_for_data "$real" ||
    fatal "'$1' leads to '$real', which belongs to the system or is emptied when the host leaves the cluster: use a folder of its own"
}

# file_system FOLDER: its type, or that of the next folder above that is there; empty if it cannot be found.
file_system() {
  local folder=$1
  until [[ -e $folder ]]; do folder=$(dirname "$folder"); done
  findmnt --first-only --noheadings --output FSTYPE --target "$folder" || true
}

# check_file_system FOLDER KIND: files have owners there and stay through a reboot, and containers can be kept beside a database.
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

# check_folder FOLDER KIND [ADOPT]: may have the cluster's data. Changes nothing.
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

# claim_folder FOLDER KIND [ADOPT]: makes it, if it is not there. Marked is what is the cluster's alone.
claim_folder() {
  local state
  check_folder "$@"
  state=$(folder_state "$1" "$2")
  [[ $state != missing ]] || install -d -m 0755 "$1"
  # Of a database's folder nothing is deleted but what has our names.
  [[ ${3:-} == true || ($state == others && $2 != database) ]] || mark_folder "$1"
}

mark_folder() {
  if is_marked "$1"; then return; fi
  # Nothing is written through a link of somebody else's.
  rm -f "$1/$folder_marker"
  (set -o noclobber && echo "Made for a cluster of k3s-cdk: 'k3s-cdk destroy --purge' deletes its data here." >"$1/$folder_marker")
  chmod 0644 "$1/$folder_marker"
}
