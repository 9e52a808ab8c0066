# shellcheck shell=bash
# Removal of steps of the user's own. Needs lib.sh.

# leave_own_steps NAME...: uninstalls those that this host has no more, the last ones first.
leave_own_steps() {
  local script name
  local -a gone=()
  for script in /usr/local/lib/k3s-cdk/uninstall.d/9[0-9]-own-*; do
    name=${script##*/9[0-9]-own-}
    [[ ! -x $script || " $* " == *" $name "* ]] || gone=("$script" "${gone[@]}")
  done
  for script in "${gone[@]}"; do
    info "uninstalling step '${script##*/9[0-9]-own-}', which is no longer in cluster.yaml"
    timeout --kill-after=10 600 "$script" ||
      fatal "'$script' fails, or takes more than 10 minutes (its own message is above): fix the cause, then apply again"
  done
}
