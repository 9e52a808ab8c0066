import fc from 'fast-check';
import { recordKinds } from '../../src/model/records';
import {
  memberAt,
  membershipAddress,
  recordAddress,
  stepAddress,
  stepAt,
} from '../../src/model/step-address';
import { synth } from '../../src/synth';
import { topologyWith } from '../support/hosts-topology';

test.each([
  ['null_resource.server1_k3s', { host: 'server1', step: 'k3s' }],
  ['null_resource.agent1_k3s[0]', { host: 'agent1', step: 'k3s' }],
  ['terraform_data.pi-4.home_load-balancer', { host: 'pi-4.home', step: 'load-balancer' }],
  ['null_resource.host_1st_nfs-client', { host: '1st', step: 'nfs-client' }],
  ['null_resource.host_k3s', { host: 'host', step: 'k3s' }],
  ['terraform_data.host_machines_file', undefined],
  ['local_file.note', undefined],
])('%s is known by its address', (address, expected) => {
  expect(stepAt(address)).toEqual(expected);
});

test.each(recordKinds)('the record %s beside the state is no step of a host', (kind) => {
  expect(stepAt(recordAddress(kind))).toBeUndefined();
});

test('every host is recognized by its address, whatever its name', () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
  const role = fc.constantFrom('server' as const, 'agent' as const);
  const provisioner = fc.constantFrom('builtin' as const, 'null-resource' as const);
  fc.assert(
    fc.property(name, role, fc.constantFrom('k3s', 'nfs-client'), provisioner, (host, own, step, kind) => {
      const address = stepAddress(kind, { name: host, roles: [own] }, step);
      expect(stepAt(address)).toEqual({ host, step });
      expect(memberAt(membershipAddress(host))).toBe(host);
      expect(memberAt(address)).toBeUndefined();
    }),
  );
});

test.each(['builtin', 'null-resource'] as const)(
  'with %s, the stack has each of the steps',
  (provisioner) => {
    const { hosts, steps } = synth({ ...topologyWith(), provisioner });
    const { resource } = JSON.parse(hosts.get('stacks/hosts/cdk.tf.json') ?? '{}');
    const addresses = Object.entries<Record<string, { count?: string }>>(resource).flatMap(
      ([type, resources]) =>
        Object.entries(resources).map(([name, { count }]) => `${type}.${name}${count ? '[0]' : ''}`),
    );
    const wanted = addresses.filter((address) => stepAt(address) !== undefined);
    expect(steps.map(({ address }) => address).sort()).toEqual(wanted.sort());
    for (const { address, host, step } of steps) expect(stepAt(address)).toEqual({ host, step });
  },
);
