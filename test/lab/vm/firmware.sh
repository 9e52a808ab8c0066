#!/usr/bin/env bash
# Starts a virtual machine as a Raspberry Pi starts: at each boot the kernel's command line is put together anew, from what
# the firmware adds and a file of the guest's own boot disk. QEMU ends where the guest reboots.
# The memory cgroup is off unless the file turns it on; Debian's kernel does not know that word, a Pi's undoes the other.
#
# Environment:
#   BOOT_DISK   image of the FAT disk
#   SHUTDOWN    file in which QEMU notes that the guest wants to be off: the trace of qemu_system_shutdown_request
# Arguments: QEMU and its arguments, -no-reboot among them; the last one is the kernel's command line in front of that of the file.
set -euo pipefail

main() {
	local prefix line firmware
	while :; do
		rm -f "$SHUTDOWN"
		prefix=$(mtype -i "$BOOT_DISK" ::config.txt | sed -n 's/^os_prefix=//p')
		line=$(mtype -i "$BOOT_DISK" "::${prefix}cmdline.txt" | head -n 1)
		firmware=cgroup_disable=memory
		[[ " $line " != *' cgroup_enable=memory '* ]] || firmware=
		echo "firmware: starts the kernel with '${prefix}cmdline.txt': $firmware $line"
		"${@:1:$#-1}" "${!#} $firmware $line"
		! grep -qs shutdown_request "$SHUTDOWN" || break
	done
	echo 'firmware: the guest is off'
}

main "$@"
