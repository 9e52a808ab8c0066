#!/usr/bin/env bash
# The package stays, and so do sessions that are open.
set -euo pipefail

rm -f /etc/modules-load.d/own-open-iscsi.conf
systemctl disable --quiet --now iscsid.service iscsid.socket 2>/dev/null || true
