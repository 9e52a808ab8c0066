import { readFileSync } from 'node:fs';
import type { LabHost } from '../lab-host';

/** Containers have the machine's kernel, which may know nothing of NFS. */
export const kernelHasNfs = /\bnfsd\b/.test(readFileSync('/proc/filesystems', 'utf8'));

/** A server without a kubelet. k3s-cdk lets nobody ask for that in cluster.yaml: it is for this lab only. */
export async function withoutKubelet(host: LabHost): Promise<void> {
  await host.exec('cat | install -D -m 0600 /dev/stdin /etc/rancher/k3s/config.yaml.d/90-k3s-cdk-lab.yaml', {
    input: 'disable-agent: true\n',
  });
}

/**
 * The same for a server that leaves the cluster and joins it in one apply, until it reboots. Not while k3s is uninstalled,
 * whose folders would not become empty.
 */
export async function stayWithoutKubelet(host: LabHost): Promise<void> {
  const file = '/etc/rancher/k3s/config.yaml.d/90-k3s-cdk-lab.yaml';
  const keep = `while sleep 0.1; do [ -e ${file} ] || pgrep -f '/[5]0-k3s' >/dev/null || echo "disable-agent: true" | install -D -m 0600 /dev/stdin ${file}; done`;
  await host.exec('systemd-run --quiet --unit lab-without-kubelet sh -c "$1" || true', { args: [keep] });
}

/** `nfs-server` that serves nothing; packages, configuration and exports are real. */
export async function withoutNfsServer(host: LabHost): Promise<void> {
  await host.exec('cat | install -D -m 0644 /dev/stdin /etc/systemd/system/nfs-server.service', {
    input: `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/exportfs -r
ExecReload=/usr/sbin/exportfs -r
[Install]
WantedBy=multi-user.target
`,
  });
}

/** `mount -t nfs` that mounts an empty file system. */
export async function withoutNfsClient(host: LabHost): Promise<void> {
  await host.exec(
    `dpkg-divert --quiet --local --no-rename --divert /usr/sbin/mount.nfs.real --add /usr/sbin/mount.nfs
     cat | install -m 0755 /dev/stdin /usr/sbin/mount.nfs`,
    { input: '#!/bin/sh\nexec mount -i -t tmpfs "$1" "$2"\n' },
  );
}
