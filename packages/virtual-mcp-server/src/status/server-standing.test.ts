import { describe, expect, it } from '@jest/globals';
import { type Pod, verdict, type Context, type Problem } from '@trueup/core';
import type { VirtualMCPServer } from '../resource.js';
import { podCounts, serverStanding, standingOf } from './server-standing.js';

const NONE = { ready: 0, failed: 0, pending: 0 };
const UP = { ...NONE, ready: 1 };
const backends = (...states: string[]) => states.map((status, index) => ({ name: `b${index}`, status }));

describe('where a server stands by its pods and backends', () => {
  it.each([
    { pods: NONE, phase: 'Pending', message: 'No pods found for Virtual MCP server', reason: 'DeploymentNotReady' },
    {
      pods: { ...NONE, pending: 1 },
      phase: 'Pending',
      message: 'Virtual MCP server is starting',
      reason: 'DeploymentNotReady',
    },
    {
      pods: { ...NONE, pending: 1, failed: 1 },
      phase: 'Failed',
      message: 'Virtual MCP server failed to start',
      reason: 'DeploymentFailed',
    },
    {
      pods: { ...UP, failed: 1 },
      phase: 'Ready',
      message: 'Virtual MCP server is running',
      reason: 'DeploymentReady',
    },
    {
      pods: UP,
      reported: ['ready', 'unauthenticated'],
      phase: 'Ready',
      message: 'Virtual MCP server is running',
      reason: 'DeploymentReady',
    },
    {
      pods: UP,
      reported: ['ready', 'degraded', 'new-word'],
      phase: 'Degraded',
      message: 'Virtual MCP server is running with 1/3 backends available',
      reason: 'BackendsDegraded',
    },
    {
      pods: UP,
      reported: ['unavailable', 'unknown'],
      phase: 'Degraded',
      message: 'Virtual MCP server is running but all 2 backends are unhealthy',
      reason: 'BackendsUnavailable',
    },
    {
      pods: NONE,
      reported: ['ready'],
      phase: 'Pending',
      message: 'No pods found for Virtual MCP server',
      reason: 'DeploymentNotReady',
    },
  ])('$phase: $message', ({ pods, reported = [], phase, message, reason }) => {
    const standing = standingOf(pods, backends(...reported));
    expect(standing).toMatchObject({ phase, message, ready: { reason } });
    expect(standing.ready.status).toBe(phase === 'Ready' ? 'True' : 'False');
  });

  it('counts pods by phase and readiness, and none that is going', () => {
    const pod = (phase: string, isReady: boolean, deletionTimestamp?: string) =>
      ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', ...(deletionTimestamp && { deletionTimestamp }) },
        status: { phase, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
      }) as Pod;
    const bare: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
    const pods = [pod('Running', true), pod('Running', false), pod('Failed', true), pod('Running', true, 'now'), bare];
    expect(podCounts(pods)).toEqual({ ready: 1, failed: 1, pending: 2 });
  });
});

describe('where a server stands that cannot be applied', () => {
  const server = (status?: object) =>
    ({ metadata: { name: 'v' }, spec: {}, ...(status && { status }) }) as VirtualMCPServer;
  const pods = (count: number) =>
    Array.from({ length: count }, () => ({
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
      metadata: {},
    }));

  /** A pass that ended with these conditions False. */
  function pass(isServing: boolean, problems: readonly (Partial<Problem> & { reason?: string })[]): Context {
    const conditions = problems.map(({ condition = '', reason = '', message = '' }) => ({
      type: condition,
      status: 'False' as const,
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason,
      message,
    }));
    return {
      isApplied: false,
      isDeleting: false,
      problems: problems.map(({ message = '', terminal = true, ...rest }) => ({ message, terminal, ...rest })),
      conditions,
      list: () => pods(isServing ? 1 : 0),
    } as Partial<Context> as Context;
  }

  it.each([
    { condition: 'Valid', reason: 'ValidationFailed', serving: 'Failed', down: 'Failed' },
    { condition: 'GroupRefValidated', reason: 'GroupRefNotFound', serving: 'Failed', down: 'Failed' },
    { condition: 'GroupRefValidated', reason: 'GroupRefNotReady', serving: 'Pending', down: 'Pending' },
    { condition: 'CompositeToolRefsValidated', reason: 'CompositeToolRefNotFound', serving: 'Failed', down: 'Failed' },
    { condition: 'AuthServerConfigValidated', reason: 'AuthServerConfigInvalid', serving: 'Failed', down: 'Failed' },
    { condition: 'AuthServerConfigValidated', reason: 'AuthServerSecretNotFound', serving: 'Ready', down: 'Failed' },
    { condition: 'BaselineScopesValid', reason: 'BaselineScopeNotSupported', serving: 'Failed', down: 'Failed' },
    { condition: 'OIDCConfigRefValidated', reason: 'OIDCConfigRefNotFound', serving: 'Ready', down: 'Failed' },
    { condition: 'AuthzConfigRefValidated', reason: 'AuthzConfigRefNotValid', serving: 'Ready', down: 'Failed' },
    { condition: 'TelemetryConfigRefValidated', reason: 'TelemetryConfigRefInvalid', serving: 'Ready', down: 'Failed' },
    { condition: 'ToolConfigValidated-x', reason: 'ToolConfigNotFound', serving: 'Ready', down: 'Failed' },
    { condition: 'AuthConfigured', reason: 'AuthInvalid', serving: 'Ready', down: 'Failed' },
    { condition: 'StaticBackendsAvailable', reason: 'NoBackends', serving: 'Pending', down: 'Pending' },
  ])('$reason of $condition: $serving while it serves, else $down', ({ condition, reason, serving, down }) => {
    const problem = { condition, reason, message: 'it is so' };
    expect(serverStanding(server(), pass(true, [problem]))).toMatchObject({
      phase: serving,
      message: 'it is so',
      ready: { status: serving === 'Ready' ? 'True' : 'False' },
    });
    expect(serverStanding(server(), pass(false, [problem]))).toMatchObject({
      phase: down,
      message: 'it is so',
      ready: { status: 'False', reason },
    });
  });

  it('tells first what the spec is to blame for, and last what passes by itself', () => {
    const resolved = {
      state: 'unusable',
      name: 'c',
      cause: 'pending',
      verdict: verdict.unknown('Pending', 'p'),
    } as const;
    const awaited = {
      condition: 'OIDCConfigRefValidated',
      message: 'awaited',
      reference: { ref: {} as never, resolved },
    };
    const secret = { condition: 'AuthConfigured', reason: 'AuthInvalid', message: 'secret' };
    const spec = { condition: 'Valid', reason: 'ValidationFailed', message: 'spec' };
    const told = (...problems: readonly (Partial<Problem> & { reason?: string })[]) =>
      serverStanding(server(), pass(false, problems))?.message;
    expect(told(secret, awaited, spec)).toBe('spec');
    expect(told(awaited, secret)).toBe('secret');
    expect(told(awaited)).toBe('awaited');
  });

  it.each([
    {
      condition: 'PodTemplateSpecValid',
      reason: 'InvalidPodTemplateSpec',
      message: 'Failed to parse PodTemplateSpec: no good. Deployment blocked until fixed.',
      summary: 'Invalid PodTemplateSpec: no good',
    },
    {
      condition: 'EmbeddingServerReady',
      reason: 'EmbeddingServerNotReady',
      message: 'EmbeddingServer is not yet ready',
      summary: 'Waiting for EmbeddingServer to become ready',
    },
    {
      condition: 'AuthServerConfigValidated',
      reason: 'AuthServerConfigInvalid',
      message: 'failed to create vmcp Config from VirtualMCPServer: no storage',
      summary: 'Failed to build configuration: failed to create vmcp Config from VirtualMCPServer: no storage',
    },
  ])('sums up $reason in the words of the summary', ({ summary, ...problem }) => {
    expect(serverStanding(server(), pass(false, [problem]))?.message).toBe(summary);
  });

  it('is as its pods are while an error is retried', () => {
    const failing = { message: 'the API server is away', terminal: false };
    expect(serverStanding(server(), pass(true, [failing]))).toMatchObject({
      phase: 'Ready',
      message: 'Virtual MCP server is running',
    });
    expect(serverStanding(server(), pass(false, [failing]))).toMatchObject({ message: 'the API server is away' });
  });

  it('stays as it was while something is looked at anew', () => {
    const said = server({ phase: 'Failed', conditions: [{ type: 'Ready', status: 'False' }] });
    expect(serverStanding(said, pass(false, []))).toBeUndefined();
    expect(serverStanding(server(), pass(false, []))).toMatchObject({ phase: 'Pending' });
  });
});
