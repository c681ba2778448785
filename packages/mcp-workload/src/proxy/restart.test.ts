import { describe, expect, it } from '@jest/globals';
import type { Deployment, KubernetesObject } from '@trueup/core';
import { restartMarks, restartRequest } from './restart.js';

const PREFIX = 'mcpserver.toolhive.stacklok.dev/';
const NOW = new Date('2026-08-01T12:00:00.750Z');

function server(annotations: Record<string, string>): KubernetesObject {
  return {
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'MCPServer',
    metadata: { name: 'fetch', annotations: prefixed(annotations) },
  };
}

function deployment(own: Record<string, string> = {}, podTemplate: Record<string, string> = {}): Deployment {
  const template = { metadata: { annotations: prefixed(podTemplate) } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'fetch', annotations: prefixed(own) },
    spec: { selector: {}, template },
  };
}

function prefixed(annotations: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}${key}`, value]));
}

describe('restartRequest', () => {
  it.each([
    ['is there for a first request', { 'restarted-at': '2026-06-01T00:00:00Z' }, 'rolling'],
    ['knows the strategy', { 'restarted-at': '2026-06-01T00:00:00Z', 'restart-strategy': 'immediate' }, 'immediate'],
    [
      'rolls for a strategy it does not know',
      { 'restarted-at': '2026-06-01T00:00:00Z', 'restart-strategy': 'now' },
      'rolling',
    ],
    [
      'is there again for a later time',
      { 'restarted-at': '2026-06-02T00:00:00+02:00', 'last-processed-restart': '2026-06-01T00:00:00Z' },
      'rolling',
    ],
    [
      'takes an unreadable last time for none',
      { 'restarted-at': '2026-06-01T00:00:00Z', 'last-processed-restart': 'never' },
      'rolling',
    ],
  ])('%s', (_, annotations, strategy) => {
    expect(restartRequest(server(annotations))).toEqual({ requestedAt: annotations['restarted-at'], strategy });
  });

  it.each([
    ['nothing', {}],
    ['something that is not a time', { 'restarted-at': 'yesterday' }],
    ['a day without a time', { 'restarted-at': '2026-06-01' }],
    [
      'the time that was processed',
      { 'restarted-at': '2026-06-01T00:00:00Z', 'last-processed-restart': '2026-06-01T00:00:00Z' },
    ],
    ['an earlier time', { 'restarted-at': '2026-05-01T00:00:00Z', 'last-processed-restart': '2026-06-01T00:00:00Z' }],
  ])('is absent for %s', (_, annotations) => {
    expect(restartRequest(server(annotations))).toBeUndefined();
  });
});

describe('restartMarks', () => {
  const request = { requestedAt: '2026-06-01T00:00:00Z', strategy: 'rolling' } as const;
  const idle = { now: NOW };

  it('are none before there is a Deployment', () => {
    expect(restartMarks(undefined, request, idle)).toEqual({ deployment: {}, podTemplate: {} });
  });

  it('stay as they are while nothing is asked for', () => {
    const live = deployment({ 'last-processed-restart': 'a' }, { 'restarted-at': 'b' });
    expect(restartMarks(live, undefined, idle)).toEqual({
      deployment: prefixed({ 'last-processed-restart': 'a' }),
      podTemplate: prefixed({ 'restarted-at': 'b' }),
    });
  });

  it('change with a request, once', () => {
    const marks = restartMarks(deployment(), request, idle);
    expect(marks).toEqual({
      deployment: prefixed({ 'last-processed-restart': request.requestedAt }),
      podTemplate: prefixed({ 'restarted-at': '2026-08-01T12:00:00Z' }),
    });

    const live = deployment(
      { 'last-processed-restart': request.requestedAt },
      { 'restarted-at': '2026-08-01T12:00:00Z' },
    );
    expect(restartMarks(live, request, { now: new Date('2026-08-01T13:00:00Z') })).toEqual(marks);
  });

  it('leave pods alone that are restarted by deleting them', () => {
    const marks = restartMarks(deployment(), { ...request, strategy: 'immediate' }, idle);
    expect(marks).toEqual({ deployment: {}, podTemplate: {} });
  });

  it('restart proxies that have lost their backend', () => {
    const marks = restartMarks(deployment(), undefined, { isDue: true, now: NOW });
    expect(marks.podTemplate).toEqual(prefixed({ 'restarted-at': '2026-08-01T12:00:00Z' }));
  });
});
