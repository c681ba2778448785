import { describe, expect, it } from '@jest/globals';
import type { Deployment } from '@trueup/core';
import { proxyReplicas, sessionStorageWarning } from './replicas.js';

const manager = 'mcpserver-controller';

function scaledTo(replicas: number, { by }: { by: string }): Deployment {
  const managedFields = [{ manager: by, operation: 'Apply' as const, fieldsV1: { 'f:spec': { 'f:replicas': {} } } }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', managedFields },
    spec: { replicas, selector: {}, template: {} },
  };
}

describe('proxyReplicas', () => {
  it.each([
    ['is what the workload asks for', { replicas: 3, isSingle: false }, undefined, 3],
    ['is enforced against others', { replicas: 3, isSingle: false }, scaledTo(5, { by: 'kubectl' }), 3],
    ['may be zero', { replicas: 0, isSingle: true }, undefined, 0],
    ['is one at most for stdio', { replicas: 3, isSingle: true }, undefined, 1],
    ['is left to others when not asked for', { isSingle: false }, scaledTo(5, { by: 'kubectl' }), undefined],
    ['is left to the API server at first', { isSingle: false }, undefined, undefined],
    ['is one again for stdio that somebody scaled', { isSingle: true }, scaledTo(3, { by: 'kubectl' }), 1],
    ['stays zero for stdio that somebody stopped', { isSingle: true }, scaledTo(0, { by: 'kubectl' }), undefined],
    ['stays what it was when no longer asked for', { isSingle: false }, scaledTo(4, { by: manager }), 4],
  ])('%s', (_, rules, live, replicas) => {
    expect(proxyReplicas({ ...rules, ...(live && { live }), fieldManager: manager })).toBe(replicas);
  });
});

describe('the warning that replicas do not share their sessions', () => {
  const address = 'redis:6379';

  it.each([
    ['is none of a single pod', {}, undefined, 'False SessionStorageWarningNotApplicable'],
    ['is none without pods', { replicas: 0 }, undefined, 'False SessionStorageWarningNotApplicable'],
    ['is given where nothing keeps sessions', { replicas: 2 }, undefined, 'True SessionStorageMissingForReplicas'],
    [
      "is not given where the operator's Redis keeps them",
      { replicas: 2 },
      { address },
      'False SessionStorageConfigured',
    ],
    [
      'is given to who wants them in memory all the same',
      { replicas: 2, sessionStorage: { provider: 'memory' } },
      { address },
      'True SessionStorageMissingForReplicas',
    ],
    [
      'is not given to who names a Redis',
      { replicas: 2, sessionStorage: { provider: 'redis' } },
      undefined,
      'False SessionStorageConfigured',
    ],
  ])('%s', (_, spec, fallback, verdict) => {
    const { status, reason } = sessionStorageWarning(spec, fallback);
    expect(`${status} ${reason}`).toBe(verdict);
  });
});
