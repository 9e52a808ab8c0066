#!/usr/bin/env bash
# Makes an agent fetch its certificates again. Pods keep running.
set -euo pipefail
umask 022

if [[ -e /etc/systemd/system/k3s-agent.service ]]; then systemctl restart --no-block k3s-agent; fi
