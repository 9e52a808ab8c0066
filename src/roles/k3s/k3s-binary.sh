#!/usr/bin/env bash
# Installs the k3s binary of one version beside existing ones, verified against the checksums of the release, and the
# images of an air-gapped release where k3s finds them. Starts nothing: all hosts do this at the same time.
#
# Inputs (step.env):
#   VERSION      release of k3s, vX.Y.Z+k3sN
#   RELEASE      address of its files
#   https_proxy  proxy for the download (optional)
#   SHA256_AMD64, SHA256_ARM64  what the binary must have, instead of what the release's checksum file says (optional)
#   ARCH         architecture the uploaded files are for; only with an upload
# Argument: folder with the files of the release, and in `images/` of it archives of other images with their
#           sha256sum.txt, if there are any (optional; without the folder the release is downloaded)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-k3s-unpack.sh
. "$here/lib-k3s-unpack.sh"
# shellcheck source=lib-memory-cgroup.sh
. "$here/lib-memory-cgroup.sh"
# shellcheck source=/dev/null
. "$here/step.env"
: "${VERSION:?}" "${RELEASE:?}"

readonly images=/var/lib/rancher/k3s/agent/images
readonly state=/var/lib/k3s-cdk/k3s-binary

# release_binary ARCHITECTURE: its name in the release.
release_binary() {
  if [[ $1 == amd64 ]]; then echo k3s; else echo "k3s-$1"; fi
}

# expected_sha256 CHECKSUMS NAME
expected_sha256() { awk -v name="$2" '$2 == name || $2 == "*" name { print $1 }' "$1"; }

# sha256_of_cluster ARCHITECTURE: the one in cluster.yaml; nothing if it has none at all.
sha256_of_cluster() {
  local -A said=([amd64]=${SHA256_AMD64:-} [arm64]=${SHA256_ARM64:-})
  [[ -n ${SHA256_AMD64:-}${SHA256_ARM64:-} ]] || return 0
  [[ -n ${said[$1]} ]] ||
    fatal "this host is $1, for which 'k3s.sha256' in cluster.yaml has no checksum: add it, or delete 'k3s.sha256'"
  printf '%s\n' "${said[$1]}"
}

# has_sha256 FILE SHA256
has_sha256() { [[ -f $1 && $(sha256sum <"$1") == "$2  -" ]]; }

# download URL TARGET
download() {
  curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 \
    --connect-timeout 15 --speed-limit 1000 --speed-time 30 --max-time 1200 --retry 3 --retry-max-time 300 \
    --output "$2" "$1"
}

# download_checksums ARCHITECTURE TARGET
download_checksums() {
  download "$RELEASE/sha256sum-$1.txt" "$2" ||
    fatal "the checksums of k3s $VERSION cannot be downloaded from $RELEASE (the reason is above): check that this release exists and that the host reaches github.com, set 'proxy', or use 'k3s.artifacts'"
}

# download_binary ARCHITECTURE TARGET
download_binary() {
  local name
  name=$(release_binary "$1")
  info "downloading $name $VERSION"
  download "$RELEASE/$name" "$2" ||
    fatal "k3s $VERSION cannot be downloaded from $RELEASE (the reason is above): check the network and the free space of this host, then apply again"
}

# SELinux: systemd may not run k3s's containers otherwise. The policy knows only the final path, so the label is set.
label_binary() {
  has_selinux || return 0
  chcon -u system_u -r object_r -t container_runtime_exec_t "$1" ||
    fatal "'$1' cannot get the SELinux label 'container_runtime_exec_t': install the package 'container-selinux'"
}

# install_binary SOURCE TARGET SHA256
install_binary() {
  local found
  if ! has_sha256 "$1" "$3"; then
    [[ -z $own_sha256 ]] ||
      fatal "the k3s binary of $VERSION has the sha256 $(sha256sum <"$1" | cut -d ' ' -f 1), and 'k3s.sha256' in cluster.yaml says $3: correct it if it is of another release or architecture, and trust nothing from there if it is not"
    fatal "the k3s binary does not have the sha256 that the release's checksum file says ($3): download or copy it again"
  fi
  chmod 0755 "$1"
  chown root:root "$1"
  label_binary "$1"
  found=$("$1" --version 2>/dev/null | awk 'NR == 1 { print $3 }') ||
    fatal "the k3s binary does not run on this host: mount the file system of /usr/local/bin without 'noexec'"
  [[ $found == "$VERSION" ]] || fatal "the k3s binary is version '$found', not $VERSION: use the files of that release"
  sync "$1"
  mv -fT "$1" "$2"
  info "installed $2"
}

# use_artifacts FOLDER ARCHITECTURE TARGET
use_artifacts() {
  local folder=$1 arch=$2 target=$3 name archive sha256 checksums="$1/sha256sum-$2.txt"
  [[ ${ARCH:?} == "$arch" ]] ||
    fatal "this host is $arch, and got the files for $ARCH: set 'arch: $arch' for it in cluster.yaml"
  name=$(release_binary "$arch")
  sha256=${own_sha256:-$(expected_sha256 "$checksums" "$name")}
  [[ -n $sha256 ]] || fatal "'sha256sum-$arch.txt' in the artifacts does not name '$name': use the file of the release"
  if ! has_sha256 "$target" "$sha256"; then
    [[ -f $folder/$name ]] || fatal "'$arch/$name' is missing in the artifacts: copy it there from release $VERSION"
    mv "$folder/$name" "$target.part"
    install_binary "$target.part" "$target" "$sha256"
  fi
  for archive in "$folder/k3s-airgap-images-$arch".tar{.zst,.gz,}; do
    [[ -f $archive ]] || continue
    name=$(basename "$archive")
    sha256=$(expected_sha256 "$checksums" "$name")
    [[ -z $sha256 ]] || has_sha256 "$archive" "$sha256" ||
      fatal "'$arch/$name' in the artifacts does not have the sha256 that the release says: download it again"
    place_file 0644 root:root "$archive" "$images/$name"
  done
  if [[ -d $folder/images ]]; then use_own_images "$folder/images" "$arch"; fi
}

# use_own_images FOLDER ARCHITECTURE: what pods run beside the images of the release. k3s imports them while it runs, too.
use_own_images() {
  local archive
  (cd "$1" && sha256sum --check --quiet sha256sum.txt >&2) ||
    fatal "an image archive differs from '$2/images/sha256sum.txt' of the artifacts: make the archives or the file again"
  for archive in "$1"/*.tar*; do
    [[ -f $archive ]] || continue
    [[ -n $(expected_sha256 "$1/sha256sum.txt" "${archive##*/}") ]] ||
      fatal "'$2/images/sha256sum.txt' of the artifacts does not name '${archive##*/}': run 'sha256sum *.tar* >sha256sum.txt' there"
    place_file 0644 root:root "$archive" "$images/${archive##*/}"
  done
}

# use_release ARCHITECTURE TARGET
use_release() {
  local arch=$1 target=$2 sha256
  # The checksum of an installed binary is kept, so that a host with that binary needs no network.
  sha256=${own_sha256:-$(cat "$state/$VERSION.sha256" 2>/dev/null || true)}
  if [[ -n $sha256 ]] && has_sha256 "$target" "$sha256"; then return; fi
  if [[ -z $own_sha256 ]]; then
    download_checksums "$arch" "$state/checksums"
    sha256=$(expected_sha256 "$state/checksums" "$(release_binary "$arch")")
    [[ -n $sha256 ]] || fatal "the checksums of k3s $VERSION do not name a binary for $arch: choose another release"
  fi
  if ! has_sha256 "$target" "$sha256"; then
    download_binary "$arch" "$target.part"
    install_binary "$target.part" "$target" "$sha256"
  fi
  printf '%s\n' "$sha256" >"$state/$VERSION.sha256"
}

main() {
  local arch target own_sha256
  check_after_reboot
  arch=$(architecture)
  own_sha256=$(sha256_of_cluster "$arch")
  target=/usr/local/bin/k3s-$VERSION
  install -d -m 0755 /usr/local/bin
  install -d -m 0700 "$(dirname "$state")" "$state"
  rm -f /usr/local/bin/k3s-*.part
  if [[ -n ${1:-} ]]; then
    use_artifacts "$1" "$arch" "$target"
  else
    use_release "$arch" "$target"
  fi
  record_file "$target"
  # While another release runs, pods would get their network from this one at once: then the k3s step unpacks it.
  [[ -e /var/lib/rancher/k3s/data ]] || unpack_k3s "$target"
}

main "$@"
