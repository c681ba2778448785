import { describe, expect, it } from '@jest/globals';
import { WorkloadSettings } from './settings.js';

const redis = { TOOLHIVE_DEFAULT_REDIS_ADDR: 'redis:6379' };
const secret = { TOOLHIVE_DEFAULT_REDIS_SECRET_NAME: 'redis' };

describe('the settings of an operator, from its environment', () => {
  it('are those of the released images when it says nothing', () => {
    expect(WorkloadSettings.fromEnvironment({})).toEqual(new WorkloadSettings());
  });

  it.each([
    [
      { TOOLHIVE_RUNNER_IMAGE: 'r:1', TOOLHIVE_PROXY_HOST: '::' },
      { runnerImage: 'r:1', proxyHost: '::' },
    ],
    [{ TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS: ' a, ,b,a' }, { pullSecrets: ['a', 'b'] }],
    [redis, { defaultRedis: { address: 'redis:6379' } }],
    [
      { ...redis, ...secret },
      { defaultRedis: { address: 'redis:6379', passwordRef: { name: 'redis', key: 'redis-password' } } },
    ],
    [
      { ...redis, ...secret, TOOLHIVE_DEFAULT_REDIS_SECRET_KEY: 'word' },
      { defaultRedis: { address: 'redis:6379', passwordRef: { name: 'redis', key: 'word' } } },
    ],
    [secret, { defaultRedis: undefined }],
    [{ TOOLHIVE_USAGE_METRICS_ENABLED: 'false' }, { usageMetrics: false }],
    [{ TOOLHIVE_SKIP_UPDATE_CHECK: 'true' }, { usageMetrics: false }],
    [{ TOOLHIVE_SKIP_UPDATE_CHECK: 'false', CI: 'true' }, { usageMetrics: true }],
    [{ OPERATOR_OPENSHIFT: 'true' }, { openShift: true }],
    [{ OPERATOR_OPENSHIFT: 'no' }, { openShift: false }],
    [{ OPERATOR_OPENSHIFT: '' }, { openShift: undefined }],
  ])('%j means %j', (env, settings) => {
    expect(WorkloadSettings.fromEnvironment(env)).toMatchObject(settings);
  });
});
