import { someNames, unknownHosts } from '../../src/model/unknown-hosts';
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

test.each([
  [1, 'a1'],
  [5, 'a1, a2, a3, a4, a5'],
  [6, 'a1, a2, a3, a4 and 2 more'],
  [300, 'a1, a2, a3, a4 and 296 more'],
])('%d names in a sentence are: %s', (count, text) => {
  expect(someNames(Array.from({ length: count }, (_, index) => `a${index + 1}`))).toBe(text);
});
