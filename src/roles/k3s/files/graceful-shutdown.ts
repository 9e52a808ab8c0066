/**
 * Seconds. Most pods have 30 to stop; those that others need for that (DNS, storage) come last.
 */
const pods = { all: 45, critical: 15 };

/**
 * For k3s's folder of kubelet configuration (k3s 1.32; docs.k3s.io, "Kubelet configuration"): when the machine goes down,
 * the kubelet stops its pods in order and unmounts their volumes first. The user's own files there, and those of
 * `kubelet-arg: config=…`, are read after it.
 */
export const kubeletShutdown = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
shutdownGracePeriod: ${pods.all}s
shutdownGracePeriodCriticalPods: ${pods.critical}s
`;

/**
 * For `/etc/systemd/logind.conf.d`: logind waits that long for the kubelet, which otherwise writes a file of its own that
 * the one of unattended-upgrades (30 s) overrides, and then does nothing (kubernetes/kubernetes#102818).
 */
export const logindDelay = `# Written by k3s-cdk; changes here are lost.
[Login]
InhibitDelayMaxSec=${pods.all + 15}
`;
