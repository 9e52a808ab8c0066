/**
 * Drop-in for `nfs-server.service`: it starts before whatever this host mounts over the network, and so stops after it
 * (`systemd.special(7)`, remote-fs-pre.target, which is only there when somebody wants it). The same goes for k3s here,
 * whose kubelet mounts until it ends.
 */
export const nfsServerDropIn = `# Written by k3s-cdk; changes here are lost.
[Unit]
Wants=remote-fs-pre.target
Before=remote-fs-pre.target k3s.service k3s-agent.service
`;
