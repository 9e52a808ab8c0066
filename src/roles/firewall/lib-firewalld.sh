# shellcheck shell=bash
# firewalld, for the step and the uninstaller.

# firewall-cmd waits 25 s for an answer, and a busy board may need longer. firewalld goes on, and answers when it is done.
reload_firewalld() {
  local said try
  said=$(firewall-cmd --reload 2>&1) && return
  printf '%s\n' "$said" >&2
  [[ $said == *'Did not receive a reply'* ]] || return
  for try in {1..12}; do
    if firewall-cmd --quiet --state 2>/dev/null; then return; fi
    sleep "$try"
  done
  return 1
}
