import { describe, expect, it } from '@jest/globals';
import { builtinProfile, parseProfile, withMounts } from './permission-profile.js';

describe('parseProfile', () => {
  it('completes what a profile leaves out', () => {
    expect(parseProfile('{"network":{}}', 'ConfigMap ns/p key "p"')).toEqual({
      network: { outbound: {}, inbound: {} },
    });
  });

  it.each([
    ['x', 'permission profile from ConfigMap ns/p key "p" is not JSON'],
    ['{"read":5}', 'permission profile from ConfigMap ns/p key "p" is invalid: read: '],
  ])('refuses %s', (text, message) => {
    expect(() => parseProfile(text, 'ConfigMap ns/p key "p"')).toThrow(message);
  });
});

it('of several volumes at one place only the first is in the profile', () => {
  const profile = withMounts(builtinProfile('none'), [
    { hostPath: '/a', mountPath: '/m', readOnly: true },
    { hostPath: '/b', mountPath: '/m' },
    { hostPath: '/c', mountPath: '/n' },
  ]);
  expect(profile).toMatchObject({ read: ['/a:/m'], write: ['/c:/n'] });
});
