import { describe, expect, it } from '@jest/globals';
import { compareVersions } from './version-order.js';

describe('compareVersions', () => {
  it('puts stable before beta before alpha before other names, newer first', () => {
    const versions = ['foo1', 'v1alpha1', 'v1', 'v2beta1', 'v10', 'v1beta2', 'v2', 'v12alpha1', 'bar'];

    expect(versions.sort(compareVersions)).toEqual([
      'v10',
      'v2',
      'v1',
      'v2beta1',
      'v1beta2',
      'v12alpha1',
      'v1alpha1',
      'bar',
      'foo1',
    ]);
  });
});
