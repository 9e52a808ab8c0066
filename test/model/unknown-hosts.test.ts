import { unknownHosts } from '../../src/model/unknown-hosts';
import { topologyWith } from '../support/hosts-topology';

test('hosts and bastions without a key are named, a bastion once', () => {
  const yaml = 'ssh: { user: pi, bastion: { address: gw.example.net, user: jump } }';
  expect(unknownHosts(topologyWith(yaml)).slice(0, 3)).toEqual([
    'bastion gw.example.net',
    'storage1',
    'server1',
  ]);
  const known = topologyWith(yaml, {
    hostKey: (address) => (/^gw|\.12$/.test(address) ? undefined : 'ssh-rsa A'),
  });
  expect(unknownHosts(known)).toEqual(['bastion gw.example.net', 'server2']);
  expect(unknownHosts(topologyWith(yaml, { hostKey: () => 'ssh-rsa A' }))).toEqual([]);
});
