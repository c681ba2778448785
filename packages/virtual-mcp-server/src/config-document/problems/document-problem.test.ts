import { describe, expect, it } from '@jest/globals';
import { configDocumentFormat, type ConfigDocument } from '../format/config-document.js';
import { documentProblem } from './document-problem.js';

/** A configuration that the process starts with. */
const SOUND: ConfigDocument = {
  name: 'prod',
  groupRef: 'tools',
  incomingAuth: { type: 'anonymous' },
  outgoingAuth: { source: 'discovered' },
  aggregation: { conflictResolution: 'prefix', conflictResolutionConfig: { prefixFormat: '{workload}_' } },
  operational: {
    timeouts: { default: '30s' },
    failureHandling: { healthCheckInterval: '30s', unhealthyThreshold: 3, partialFailureMode: 'fail' },
  },
};

const problemOf = (sections: Readonly<Record<string, unknown>>) => {
  const document = configDocumentFormat.read({ ...SOUND, ...sections }, 'spec.config');
  return document && documentProblem(document);
};

const oidc = { issuer: 'https://i', clientId: '', audience: 'a' };
const priority = { conflictResolution: 'priority', conflictResolutionConfig: { priorityOrder: ['a', 'b'] } };
const handling = (fields: object) => ({
  operational: {
    ...SOUND.operational,
    failureHandling: { ...SOUND.operational?.failureHandling, ...fields },
  },
});
const tools = (...entries: object[]) => ({ aggregation: { ...SOUND.aggregation, tools: entries } });
const override = (fields: object) => tools({ workload: 'w', overrides: { t: fields } });

describe('documentProblem', () => {
  it.each([
    ['nothing in particular', {}],
    ['tokens that are checked', { incomingAuth: { type: 'oidc', oidc: { ...oidc, caBundlePath: '/ca/ca.crt' } } }],
    ['a config for tokens that is not made use of', { incomingAuth: { type: 'anonymous', oidc: { issuer: '' } } }],
    ['policies', { incomingAuth: { type: 'anonymous', authz: { type: 'cedar', policies: ['p'] } } }],
    ['priorities', { aggregation: priority }],
    [
      'priorities, all of them visible',
      {
        aggregation: { ...priority, defaultToolVisibility: 'deny', tools: [{ workload: 'a' }, { workload: 'b' }] },
      },
    ],
    ['tools that are renamed by hand', { aggregation: { conflictResolution: 'manual', tools: [{ workload: 'w' }] } }],
    ['hints alone', override({ annotations: { readOnlyHint: false } })],
    ['checks without a limit of time', handling({ healthCheckTimeout: '0s' })],
    ['a circuit breaker that is off', handling({ circuitBreaker: { failureThreshold: 0, timeout: '1ms' } })],
    ['headers', { passthroughHeaders: ['X-Tenant-Id', 'accept-language'] }],
    [
      'a search',
      { optimizer: { maxToolsToReturn: 50, hybridSearchSemanticRatio: '1', semanticDistanceThreshold: '2.0' } },
    ],
    [
      'a search elsewhere',
      {
        optimizer: {
          embeddingProvider: 'openai',
          embeddingService: 'https://e',
          embeddingModel: 'm',
          embeddingHeaders: { a: 'b' },
        },
      },
    ],
  ])('has nothing against %s', (_, sections) => {
    expect(problemOf(sections)).toBeUndefined();
  });

  it.each([
    [{ groupRef: '' }, 'group reference is required'],
    [{ incomingAuth: { type: 'x' } }, 'incomingAuth.type must be one of: oidc, local, anonymous'],
    [{ incomingAuth: undefined }, 'incomingAuth.type must be one of: oidc, local, anonymous'],
    [{ incomingAuth: { type: 'oidc' } }, "incomingAuth.oidc is required when type is 'oidc'"],
    [{ incomingAuth: { type: 'oidc', oidc: { ...oidc, issuer: '' } } }, 'incomingAuth.oidc.issuer is required'],
    [{ incomingAuth: { type: 'oidc', oidc: { ...oidc, audience: '' } } }, 'incomingAuth.oidc.audience is required'],
    [
      { incomingAuth: { type: 'oidc', oidc: { ...oidc, caBundlePath: '/a/b..c' } } },
      'incomingAuth.oidc.caBundlePath contains invalid path characters',
    ],
    [
      { incomingAuth: { type: 'oidc', oidc: { ...oidc, caBundlePath: 'ca.crt' } } },
      'incomingAuth.oidc.caBundlePath must be an absolute path',
    ],
    [
      { incomingAuth: { type: 'anonymous', authz: { type: 'httpv1' } } },
      'incomingAuth.authz: type must be one of: cedar, none',
    ],
    [
      { incomingAuth: { type: 'anonymous', authz: { type: 'cedar' } } },
      "incomingAuth.authz: policies are required when type is 'cedar'",
    ],
    [{ aggregation: { conflictResolution: 'x' } }, 'conflictResolution must be one of: prefix, priority, manual'],
    [{ aggregation: { conflictResolution: 'prefix' } }, 'prefixFormat is required for prefix strategy'],
    [{ aggregation: { conflictResolution: 'priority' } }, 'priorityOrder is required for priority strategy'],
    [
      { aggregation: { conflictResolution: 'priority', conflictResolutionConfig: { priorityOrder: ['a', ''] } } },
      'priority order contains empty backend ID at index 1',
    ],
    [{ aggregation: { conflictResolution: 'manual' } }, 'tool overrides are required for manual strategy'],
    [
      { aggregation: { ...SOUND.aggregation, defaultToolVisibility: 'x' } },
      'defaultToolVisibility must be one of: allow, deny',
    ],
    [
      { aggregation: { ...priority, defaultToolVisibility: 'deny', tools: [{ workload: 'a' }] } },
      'defaultToolVisibility deny with priority strategy: priorityOrder entry "b" has no tools entry; it could win a name conflict and then be withheld, hiding the tool entirely. Add a tools entry for "b" or remove it from priorityOrder',
    ],
    [tools({ workload: 'a' }, { workload: '' }), 'tools[1].workload is required'],
    [tools({ workload: 'a' }, { workload: 'a' }), 'duplicate workload configuration: a'],
    [override({}), 'tools[0].overrides.t: at least one of name or description must be specified'],
    [
      tools({ workload: 'w', overrides: { a: { name: 'x' }, b: { name: 'x' } } }),
      'tools[0].overrides: a and b are both given the name "x"',
    ],
    [
      { operational: { ...SOUND.operational, timeouts: { default: '-1s' } } },
      'operational.timeouts.default must be positive',
    ],
    [
      { operational: { ...SOUND.operational, timeouts: { default: '1s', perWorkload: { a: '0s' } } } },
      'operational.timeouts.perWorkload.a must be positive',
    ],
    [handling({ healthCheckInterval: '-1s' }), 'operational.failureHandling: healthCheckInterval must be positive'],
    [handling({ unhealthyThreshold: -1 }), 'operational.failureHandling: unhealthyThreshold must be positive'],
    [
      handling({ healthCheckTimeout: '-1s' }),
      'operational.failureHandling: healthCheckTimeout must be >= 0 (zero means no timeout), got -1s',
    ],
    [
      handling({ healthCheckInterval: '10s', healthCheckTimeout: '10s' }),
      'operational.failureHandling: healthCheckTimeout (10s) must be less than healthCheckInterval (10s) to prevent checks from queuing up',
    ],
    [
      handling({ partialFailureMode: 'x' }),
      'operational.failureHandling: partialFailureMode must be one of: fail, best_effort',
    ],
    [
      handling({ circuitBreaker: { enabled: true, failureThreshold: -1, timeout: '1s' } }),
      'operational.failureHandling: circuitBreaker.failureThreshold must be >= 1, got -1',
    ],
    [
      handling({ circuitBreaker: { enabled: true, failureThreshold: 1, timeout: '-1s' } }),
      'operational.failureHandling: circuitBreaker.timeout must be > 0, got -1s',
    ],
    [
      handling({ circuitBreaker: { enabled: true, failureThreshold: 1, timeout: '999ms' } }),
      'operational.failureHandling: circuitBreaker.timeout must be >= 1s to prevent thrashing, got 999ms',
    ],
    [{ compositeToolRefs: [{ name: '' }] }, 'compositeToolRefs[0].name is required'],
    [{ compositeToolRefs: [{ name: 'a' }, { name: 'a' }] }, 'duplicate composite tool reference: a'],
    [{ passthroughHeaders: ['X-A', ''] }, 'passthroughHeaders[1]: header name must not be empty'],
    [
      { passthroughHeaders: ['x-forwarded-for'] },
      'passthroughHeaders[0]: "X-Forwarded-For" is a restricted header and cannot be forwarded',
    ],
    [
      { passthroughHeaders: ['authorization'] },
      'passthroughHeaders[0]: "Authorization" is a restricted header and cannot be forwarded',
    ],
    [
      { passthroughHeaders: ['Cookie'] },
      'passthroughHeaders[0]: "Cookie" is a restricted header and cannot be forwarded',
    ],
    [{ passthroughHeaders: ['X A'] }, 'passthroughHeaders[0]: invalid header name "X A": not an HTTP token'],
    [{ optimizer: { maxToolsToReturn: 51 } }, 'optimizer.maxToolsToReturn must be between 1 and 50, got 51'],
    [
      { optimizer: { hybridSearchSemanticRatio: '1.1' } },
      'optimizer.hybridSearchSemanticRatio must be between 0.0 and 1.0, got 1.1',
    ],
    [
      { optimizer: { semanticDistanceThreshold: 'x' } },
      'optimizer.semanticDistanceThreshold must be a valid number: "x"',
    ],
    [
      { optimizer: { semanticDistanceThreshold: '2.5' } },
      'optimizer.semanticDistanceThreshold must be between 0.0 and 2.0, got 2.5',
    ],
    [{ optimizer: { embeddingProvider: 'x' } }, 'optimizer.embeddingProvider must be "tei" or "openai", got "x"'],
    [
      { optimizer: { embeddingProvider: 'openai' } },
      'optimizer.embeddingService is required when optimizer.embeddingProvider is "openai"',
    ],
    [
      { optimizer: { embeddingProvider: 'openai', embeddingService: 'https://e' } },
      'optimizer.embeddingModel is required when optimizer.embeddingProvider is "openai"',
    ],
    [
      { optimizer: { embeddingHeaders: { a: 'b' } } },
      'optimizer.embeddingHeaders is only supported when optimizer.embeddingProvider is "openai"',
    ],
  ])('refuses %j', (sections, problem) => {
    expect(problemOf(sections)).toBe(problem);
  });

  it('tells the first problem of each section', () => {
    const sections = { groupRef: '', passthroughHeaders: ['', 'Cookie'] };
    expect(problemOf(sections)).toBe(
      'group reference is required; passthroughHeaders[0]: header name must not be empty',
    );
  });
});
