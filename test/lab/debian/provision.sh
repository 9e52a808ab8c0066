#!/usr/bin/env bash
# Runs once in the new root of a host, as an installer of the operating system would have.
# Environment: LAB_USER, SSH_PORT, SUDO (passwordless, password or none).
set -euo pipefail

main() {
	user
	sudoers
	ssh_server
}

user() {
	[[ $LAB_USER == root ]] || useradd --create-home --shell /bin/bash "$LAB_USER"
	local home
	home=$(getent passwd "$LAB_USER" | cut -d: -f6)
	install -d -m 0700 -o "$LAB_USER" -g "$LAB_USER" "$home/.ssh"
	install -m 0600 -o "$LAB_USER" -g "$LAB_USER" /etc/ssh/lab_authorized_keys "$home/.ssh/authorized_keys"
}

sudoers() {
	local file=/etc/sudoers.d/lab
	case $SUDO in
	passwordless) echo "$LAB_USER ALL=(ALL) NOPASSWD: ALL" >"$file" ;;
	password)
		echo "$LAB_USER ALL=(ALL) ALL" >"$file"
		echo "$LAB_USER:lab" | chpasswd
		;;
	none) return ;;
	esac
	chmod 0440 "$file"
}

ssh_server() {
	chmod 0600 /etc/ssh/ssh_host_ed25519_key
	[[ $SSH_PORT == 22 ]] || echo "Port $SSH_PORT" >>/etc/ssh/sshd_config.d/lab.conf
}

main
