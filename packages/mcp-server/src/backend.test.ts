import { describe, expect, it } from '@jest/globals';
import type { Deployment, StatefulSet } from '@trueup/core';
import { backendRepair, type BackendRepair } from './backend.js';

const NOW = new Date('2026-08-01T12:00:00Z');
const backend = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'fetch' } } as StatefulSet;

function proxies({ available = 1, replicas = 1, restartedAt = '' } = {}): Deployment {
  const annotations = { 'mcpserver.toolhive.stacklok.dev/restarted-at': restartedAt };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'fetch' },
    spec: { replicas, selector: {}, template: { metadata: { annotations } } },
    status: { availableReplicas: available },
  };
}

describe('backendRepair', () => {
  it.each<[string, StatefulSet | undefined, Deployment | undefined, BackendRepair]>([
    ['leaves a server alone that has its backend', backend, proxies(), { kind: 'none' }],
    ['has nothing to do before there are proxies', undefined, undefined, { kind: 'none' }],
    ['gives proxies that start the time to make it', undefined, proxies({ available: 0 }), { kind: 'none' }],
    ['does not look after a stopped server', undefined, proxies({ replicas: 0 }), { kind: 'none' }],
    ['restarts proxies that have lost it', undefined, proxies(), { kind: 'restart' }],
    [
      'restarts them again after two minutes',
      undefined,
      proxies({ restartedAt: '2026-08-01T11:58:00Z' }),
      { kind: 'restart' },
    ],
    [
      'looks again when the two minutes are over',
      undefined,
      proxies({ restartedAt: '2026-08-01T11:58:30Z' }),
      { kind: 'wait', afterMs: 30_000 },
    ],
    [
      'is not misled by a clock that ran ahead',
      undefined,
      proxies({ restartedAt: '2026-08-01T12:00:10Z' }),
      { kind: 'wait', afterMs: 120_000 },
    ],
  ])('%s', (_, live, deployment, repair) => {
    expect(backendRepair(live, deployment, NOW)).toEqual(repair);
  });
});
