/** A storage host, three servers and so many agents, up to 296, on two subnets of a network. */
export function fleetYaml(agents: number, more = ''): string {
  const ranges = [
    `{ name: "agent[001-${String(Math.min(agents, 200)).padStart(3, '0')}]", address: "192.168.10.[1-${Math.min(agents, 200)}]", roles: [agent] }`,
    ...(agents > 200
      ? [`{ name: "agent[201-${agents}]", address: "192.168.11.[1-${agents - 200}]", group: annex }`]
      : []),
  ];
  return `name: fleet
ssh: { user: pi }
groups: { annex: { roles: [agent] } }
network: { nodes: [192.168.8.0/22], pods: [10.44.0.0/14] }
hosts:
  - { name: storage1, address: 192.168.8.10, roles: [database, nfs] }
  - { name: "server[1-3]", address: "192.168.8.[11-13]", roles: [server] }
${ranges.map((range) => `  - ${range}\n`).join('')}api: { address: 192.168.8.5 }
k3s: { version: v1.36.2+k3s1 }
${more}`;
}
