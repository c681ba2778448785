import { describe, expect, it } from '@jest/globals';
import { validateSpec } from '@trueup/core';
import fc from 'fast-check';
import { MCPWebhookConfig } from './resource.js';
import { specProblem } from './spec-problem.js';
import type { StoredSpec, StoredWebhook } from './stored.js';
import { workloadWebhooks } from './workload-webhooks.js';

const HTTPS = 'webhook URL must use HTTPS (set insecure_skip_verify to allow HTTP for development/in-cluster use)';
const MTLS = 'webhook TLS config: both clientCertSecretRef and clientKeySecretRef must be set for mTLS';
const ref = { name: 'webhook-tls', key: 'tls' };
const hook = (more: StoredWebhook = {}): StoredWebhook => ({ name: 'w', url: 'https://policy.example.com', ...more });
const problemOf = (more: StoredWebhook) => specProblem({ validating: [hook(more)] });

describe('a webhook', () => {
  it.each<[string, StoredWebhook]>([
    ['the least', {}],
    ['the shortest timeout', { timeout: '1s' }],
    ['the longest timeout', { timeout: '30s' }],
    ['a timeout of zero, which is the default', { timeout: '0s' }],
    ['a compound timeout', { timeout: '29s999ms' }],
    ['http, where it is asked for', { url: 'http://policy:8080/v', tlsConfig: { insecureSkipVerify: true } }],
    ['an address', { url: 'https://[::1]:8443/v?a=%20' }],
    ['a failure policy that is older than the list of them', { failurePolicy: 'Fail' }],
    ['certificate and key', { tlsConfig: { caSecretRef: ref, clientCertSecretRef: ref, clientKeySecretRef: ref } }],
    ['a signing key', { hmacSecretRef: ref }],
  ])('may have %s', (_, more) => {
    expect(problemOf(more)).toBeUndefined();
  });

  it.each<[string, StoredWebhook, string]>([
    ['no name', { name: '' }, 'webhook name is required'],
    ['a name that is too long', { name: 'w'.repeat(64) }, 'webhook name must have at most 63 characters'],
    ['no URL', { url: '' }, 'webhook URL is required'],
    ['a URL that is none', { url: 'policy.example.com' }, 'webhook URL is invalid: it is not an absolute URI'],
    ['a URL with a blank in its host', { url: 'https://a b/' }, 'webhook URL is invalid: it is not an absolute URI'],
    ['a URL with a broken escape', { url: 'https://a/%zz' }, 'webhook URL is invalid: it is not an absolute URI'],
    ['a URL with a line break', { url: 'https://a/\n' }, 'webhook URL is invalid: it is not an absolute URI'],
    ['a URL without a host', { url: 'https:///validate' }, 'webhook URL is invalid: it has no host'],
    ['http', { url: 'http://policy/validate' }, HTTPS],
    ['http, explicitly verified', { url: 'http://policy', tlsConfig: { insecureSkipVerify: false } }, HTTPS],
    ['a bare path', { url: '/validate' }, HTTPS],
    ['another scheme', { url: 'ftp://policy' }, HTTPS],
    [
      'another scheme, unverified',
      { url: 'ftp://policy', tlsConfig: { insecureSkipVerify: true } },
      'webhook URL must use http or https',
    ],
    [
      'a bare path, unverified',
      { url: '/validate', tlsConfig: { insecureSkipVerify: true } },
      'webhook URL must use http or https',
    ],
    [
      'another failure policy',
      { failurePolicy: 'retry' },
      'webhook failure_policy must be "fail" or "ignore", got "retry"',
    ],
    ['no duration', { timeout: '3 days' }, 'webhook timeout "3 days" is not a valid duration'],
    ['a short timeout', { timeout: '500ms' }, 'webhook timeout must be between 1s and 30s'],
    ['a negative timeout', { timeout: '-5s' }, 'webhook timeout must be between 1s and 30s'],
    ['a long timeout', { timeout: '45s' }, 'webhook timeout 45s exceeds maximum 30s'],
    ['a longer timeout', { timeout: '60s' }, 'webhook timeout 1m0s exceeds maximum 30s'],
    ['a certificate without a key', { tlsConfig: { clientCertSecretRef: ref } }, MTLS],
    ['a key without a certificate', { tlsConfig: { clientKeySecretRef: ref } }, MTLS],
    ['a nameless Secret', { hmacSecretRef: { name: '', key: 'k' } }, 'webhook hmacSecretRef needs a name and a key'],
    [
      'a Secret without a key',
      { tlsConfig: { caSecretRef: { name: 's' } } },
      'webhook tlsConfig.caSecretRef needs a name and a key',
    ],
    [
      'a nameless certificate',
      { tlsConfig: { clientCertSecretRef: {}, clientKeySecretRef: ref } },
      'webhook tlsConfig.clientCertSecretRef needs a name and a key',
    ],
    [
      'a key from nowhere',
      { tlsConfig: { clientCertSecretRef: ref, clientKeySecretRef: {} } },
      'webhook tlsConfig.clientKeySecretRef needs a name and a key',
    ],
    [
      'several problems, of which the first counts',
      { url: 'http://policy', timeout: '45s', failurePolicy: 'x' },
      HTTPS,
    ],
  ])('cannot have %s', (_, more, problem) => {
    expect(problemOf(more)).toBe(`validating webhook[0] ${JSON.stringify(more.name ?? 'w')}: ${problem}`);
  });

  it('is never quoted by its URL, which may hold a password', () => {
    expect(problemOf({ url: 'https://me:secret@/' })).not.toContain('secret');
  });
});

describe('the webhooks of a config', () => {
  it.each<StoredSpec>([{}, { validating: [] }, { validating: [], mutating: [] }])('must be some: not %j', (spec) => {
    expect(specProblem(spec)).toBe('at least one validating or mutating webhook must be defined');
  });

  it('have the types they should have', () => {
    const mistyped: readonly [unknown, string][] = [
      [{ validating: 5 }, 'spec.validating: '],
      [{ mutating: [hook(), null] }, 'spec.mutating[1]: '],
      [{ validating: [{ ...hook(), tlsConfig: 'none' }] }, 'spec.validating[0].tlsConfig: '],
    ];
    // Stored when the server let anything in.
    for (const [spec, field] of mistyped) expect(specProblem(spec as StoredSpec)).toContain(field);
  });

  it('are all judged: validating ones first, a line each', () => {
    const url = 'http://policy/validate';
    const spec = {
      mutating: [hook({ name: 'redact', url, timeout: '45s' })],
      validating: [hook(), hook({ name: 'policy-check', url, timeout: '45s' })],
    };
    expect(specProblem(spec)).toBe(
      `validating webhook[1] "policy-check": ${HTTPS}\nmutating webhook[0] "redact": ${HTTPS}`,
    );
  });

  it('have names of their own within a list', () => {
    expect(specProblem({ mutating: [hook(), hook({ name: 'x' }), hook()] })).toBe(
      'mutating webhook[2] "w": duplicate name',
    );
    expect(specProblem({ validating: [hook()], mutating: [hook()] })).toBeUndefined();
  });

  it('may share a file where it is the same', () => {
    const hmacSecretRef = ref;
    expect(
      specProblem({ validating: [hook({ name: 'a.b', hmacSecretRef }), hook({ name: 'a-b', hmacSecretRef })] }),
    ).toBeUndefined();
  });

  it.each([
    [
      'two Secrets',
      hook({ name: 'a.b', hmacSecretRef: { name: 's139599', key: 'k' } }),
      hook({ name: 'a-b', hmacSecretRef: { name: 's322382', key: 'k' } }),
    ],
    [
      'two webhooks',
      hook({ name: 'w-722ukukti4xb', hmacSecretRef: { name: 's', key: 'k' } }),
      hook({ name: 'w-1u3wskga1ckex', hmacSecretRef: { name: 's', key: 'k' } }),
    ],
  ])('must not lead to one volume for %s, however unlikely', (_, ...validating) => {
    expect(specProblem({ validating })).toMatch(
      /^the files \S+ of Secret .* would share the volume whsec-[0-9a-f]+; rename one/,
    );
  });
});

describe('any spec', () => {
  const secret = fc.record({ name: fc.constantFrom('a', 'b'), key: fc.constantFrom('x', 'y') });
  const tls = fc.oneof(
    fc.record({ caSecretRef: secret, insecureSkipVerify: fc.boolean() }, { requiredKeys: [] }),
    fc.record({ clientCertSecretRef: secret, clientKeySecretRef: secret }),
  );
  const webhook = fc.record(
    {
      name: fc.string({ minLength: 1, maxLength: 20 }),
      url: fc.constantFrom('https://policy.example.com/v', 'https://10.0.0.1:8443', 'https://[::1]/?q=1'),
      timeout: fc.integer({ min: 1_000, max: 30_000 }).map((ms) => `${ms}ms`),
      failurePolicy: fc.constantFrom('fail' as const, 'ignore' as const),
      tlsConfig: tls,
      hmacSecretRef: secret,
    },
    { requiredKeys: ['name', 'url'] },
  );
  const webhooks = fc.uniqueArray(webhook, { minLength: 1, maxLength: 4, selector: ({ name }) => name });
  const spec = fc.record({ validating: webhooks, mutating: webhooks }, { requiredKeys: ['validating'] });

  it('that the rules allow is valid for schema and controller alike, and can be used', () => {
    fc.assert(
      fc.property(spec, (given) => {
        expect(validateSpec(MCPWebhookConfig, given)).toEqual([]);
        expect(specProblem(given)).toBeUndefined();
        const parsed = MCPWebhookConfig.definition.spec.parse(given);
        expect(workloadWebhooks({ spec: parsed }).validating).toHaveLength(given.validating.length);
      }),
    );
  });

  it('has a verdict that names the webhook which is broken, and nothing is made of it', () => {
    const broken = fc.constantFrom<StoredWebhook>(
      { url: '' },
      { url: 'http://policy', tlsConfig: {} },
      { timeout: '31s' },
      { timeout: 'soon' },
      { failurePolicy: 'retry' },
      { hmacSecretRef: {} },
      { tlsConfig: { clientKeySecretRef: ref } },
    );
    fc.assert(
      fc.property(spec, fc.nat(), broken, (given, seed, more) => {
        const index = seed % given.validating.length;
        const validating = given.validating.map((each, at) => (at === index ? { ...each, ...more } : each));
        const name = JSON.stringify(given.validating[index]?.name);
        expect(specProblem({ ...given, validating })?.startsWith(`validating webhook[${index}] ${name}: `)).toBe(true);
      }),
    );
  });

  it('gets a verdict, however odd its texts', () => {
    const text = fc.option(fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom('1h', '-1s', 'https://')), {
      nil: undefined,
    });
    const odd = fc.record({ name: text, url: text, timeout: text, failurePolicy: text });
    fc.assert(
      fc.property(fc.record({ validating: fc.array(odd), mutating: fc.array(odd) }, { requiredKeys: [] }), (given) => {
        expect(['string', 'undefined']).toContain(typeof specProblem(given));
      }),
    );
  });
});
