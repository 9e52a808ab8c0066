# shellcheck shell=bash
# ufw, for the step and the uninstaller.

restart_ufw() {
  # One that is restarted often is not started again.
  systemctl reset-failed ufw.service 2>/dev/null || true
  # `ufw enable` has not started the service, and what is not started is not stopped first.
  systemctl start ufw.service && systemctl restart ufw.service
}
