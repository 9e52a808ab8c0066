import { sshServers } from '../../src/ssh/servers';
import { Project } from '../support/project';

test('bastions come first and every address and port once', () => {
  const topology = new Project(`name: homelab
ssh: { user: pi, bastion: { address: gw.example.net, user: jump } }
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
  - { name: server1, address: 203.0.113.7, nodeIps: [192.168.10.11], ssh: { port: 2211 }, roles: [server] }
  - { name: server2, address: 203.0.113.7, nodeIps: [192.168.10.12], ssh: { port: 2212 }, roles: [server] }
api: { address: 192.168.10.5 }
k3s: { version: v1.36.2+k3s1 }
`).topology();
  expect(
    sshServers(topology).map(({ names, address, port, bastion }) => [
      names.join(),
      address,
      port,
      bastion?.address,
    ]),
  ).toEqual([
    ['bastion', 'gw.example.net', 22, undefined],
    ['storage1', '192.168.10.10', 22, 'gw.example.net'],
    ['server1', '203.0.113.7', 2211, 'gw.example.net'],
    ['server2', '203.0.113.7', 2212, 'gw.example.net'],
  ]);
});
