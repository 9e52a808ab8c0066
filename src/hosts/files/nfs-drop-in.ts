/**
 * Drop-in for `nfs-server.service`: it starts before whatever this host mounts over the network, and so stops after it
 * (`systemd.special(7)`, remote-fs-pre.target, which is only there when somebody wants it).
 */
export const nfsServerDropIn = `# Written by k3s-cdk; changes here are lost.
[Unit]
Wants=remote-fs-pre.target
Before=remote-fs-pre.target
`;
