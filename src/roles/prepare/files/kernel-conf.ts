import { familyOfNetwork } from '../../../net/address';

/** For `/etc/modules-load.d`: what k3s needs before it starts. */
export const modulesConf = 'overlay\nbr_netfilter\n';

/**
 * All kernel settings that the kubelet sets when it starts. With `protect-kernel-defaults` it compares
 * instead, and does not start if one differs (`setupKernelTunables` of Kubernetes).
 */
const kubeletSettings = {
  'vm.overcommit_memory': 1,
  'vm.panic_on_oom': 0,
  'kernel.panic': 10,
  'kernel.panic_on_oops': 1,
  'kernel.keys.root_maxkeys': 1_000_000,
  'kernel.keys.root_maxbytes': 25_000_000,
} as const;

/**
 * For `/etc/sysctl.d`. Pods' bridged traffic passes iptables, and every node routes for its pods; kubelet, containerd
 * and log followers use up the kernel's 128 inotify instances on a node with some dozen pods.
 *
 * @param pods networks of the pods, whose families are routed
 * @param kubelet whether kubelets require the kernel settings that they would otherwise set
 */
export function sysctlConf(pods: readonly string[], kubelet = false): string {
  const families = new Set(pods.map(familyOfNetwork));
  const settings = {
    'net.bridge.bridge-nf-call-iptables': 1,
    'net.bridge.bridge-nf-call-ip6tables': 1,
    ...(families.has(4) && { 'net.ipv4.ip_forward': 1 }),
    ...(families.has(6) && { 'net.ipv6.conf.all.forwarding': 1 }),
    'fs.inotify.max_user_instances': 8192,
    'fs.inotify.max_user_watches': 524288,
    ...(kubelet && kubeletSettings),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** For `/etc/NetworkManager/conf.d`: interfaces of pods are the network plugin's, beside those that the owner lists. */
export const networkManagerConf =
  '[keyfile]\nunmanaged-devices+=interface-name:cni0;interface-name:flannel*;interface-name:veth*\n';
