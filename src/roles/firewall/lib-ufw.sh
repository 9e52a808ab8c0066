# shellcheck shell=bash
# ufw, for the step and the uninstaller.

restart_ufw() {
  # systemd does not start a unit that was restarted too often.
  systemctl reset-failed ufw.service 2>/dev/null || true
  # `ufw enable` does not start the service, and a restart does not first stop a service that is not started.
  systemctl start ufw.service && systemctl restart ufw.service
}
