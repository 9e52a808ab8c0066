import { helmUpgrades } from '../../src/model/helm-upgrades';

test.each([
  ['v1.32.13+k3s1', false],
  ['v1.33.13+k3s1', false],
  ['v1.33.13+k3s2', true],
  ['v1.34.9+k3s1', false],
  ['v1.34.10+k3s1', true],
  ['v1.35.6+k3s1', false],
  ['v1.35.8+k3s1', true],
  ['v1.36.2+k3s1', false],
  ['v1.36.3+k3s1', true],
  ['v1.36.5+k3s1', true],
  ['v1.37.0+k3s1', true],
])('%s can try a failed upgrade again and take conflicts: %s', (version, can) => {
  expect(helmUpgrades(version)).toEqual(
    can
      ? { failurePolicy: 'retry', forceConflicts: true }
      : { failurePolicy: 'abort', forceConflicts: false },
  );
});
