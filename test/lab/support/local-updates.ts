import type { LabHost } from '../lab-host';

/** What a version of the lab's own package does when it is installed. */
export interface Release {
  readonly version: number;
  /** What runs then. @default - nothing */
  readonly postinst?: string;
}

/** Asks for a reboot, as a kernel's package does on Debian with unattended-upgrades. */
export const wantsReboot = 'touch /run/reboot-required';

/**
 * Offers a version of a small package to a host's real apt, in a repository on the host itself. The first one is
 * installed, and its configuration file changed as an owner would.
 */
export async function offer(host: LabHost, { version, postinst = '' }: Release): Promise<void> {
  await host.exec(script, { args: [String(version), postinst] });
}

/** Its version on a host, and what is in its configuration file. */
export async function installed(host: LabHost): Promise<{ version: number; configuration: string }> {
  const { stdout } = await host.exec("dpkg-query -W -f '${Version}\\n' lab-tool; cat /etc/lab-tool.conf");
  const [version, configuration = ''] = stdout.trim().split('\n');
  return { version: Number(version), configuration };
}

const script = `set -e
repository=/opt/lab-apt folder=$(mktemp -d)
mkdir -p "$repository" "$folder/DEBIAN" "$folder/etc"
printf 'Package: lab-tool\\nVersion: %s\\nArchitecture: all\\nMaintainer: lab <lab@lab.invalid>\\nDescription: nothing\\n' "$1" >"$folder/DEBIAN/control"
echo /etc/lab-tool.conf >"$folder/DEBIAN/conffiles"
echo "version $1" >"$folder/etc/lab-tool.conf"
printf '#!/bin/sh\\nset -e\\n%s\\n' "$2" >"$folder/DEBIAN/postinst"
chmod 0755 "$folder" "$folder/DEBIAN/postinst"
cd "$repository"
rm -f ./*.deb
dpkg-deb --build "$folder" lab-tool.deb >/dev/null
rm -r "$folder"
if [ "$1" = 1 ]; then
  dpkg --install lab-tool.deb >/dev/null
  echo 'of its owner' >/etc/lab-tool.conf
fi
{
  dpkg-deb --field lab-tool.deb
  echo 'Filename: ./lab-tool.deb'
  echo "Size: $(stat -c %s lab-tool.deb)"
  echo "SHA256: $(sha256sum <lab-tool.deb | cut -d ' ' -f 1)"
} >Packages
echo 'deb [trusted=yes] file:/opt/lab-apt ./' >/etc/apt/sources.list.d/lab-tool.list`;
