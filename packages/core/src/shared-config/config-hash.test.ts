import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';
import { configHash } from './config-hash.js';

describe('configHash', () => {
  it.each([
    ['{}', '5465b825'],
    ['{"toolsFilter":["tool1","tool2"]}', 'd38add3'],
    ['{"toolsFilter":["tool2","tool1"]}', '1fee1217'],
    ['{"config":{"policies":["permit(principal, action, resource);"]},"type":"cedarv1"}', '5ad174f2'],
    [
      '{"inline":{"insecureAllowHTTP":false,"issuer":"https://issuer.example.com","jwksAllowPrivateIP":false,"protectedResourceAllowPrivateIP":false},"type":"inline"}',
      'a79d81ea',
    ],
    ['{"type":"unauthenticated"}', 'c90cbaa5'],
    [
      '{"tokenExchange":{"audience":"backend-service","clientId":"test-client","clientSecretRef":{"key":"client-secret","name":"test-secret"},"tokenUrl":"https://oauth.example.com/token"},"type":"tokenExchange"}',
      '27ed8423',
    ],
    [
      '{"validating":[{"failurePolicy":"fail","name":"policy","timeout":"5s","url":"https://policy.example.com/validate"}]}',
      '8dd9b62',
    ],
    [
      '{"openTelemetry":{"caBundleRef":{"configMapRef":{"key":"ca.crt","name":"ca"}},"enabled":true,"endpoint":"https://otel:4318","insecure":false,"tracing":{"enabled":true,"samplingRate":"0.05"},"useLegacyAttributes":true}}',
      '56ceb065',
    ],
  ])('of %s is %s', (text, hash) => {
    expect(canonicalJson(JSON.parse(text))).toBe(text);
    expect(configHash(JSON.parse(text))).toBe(hash);
  });

  it('does not change when keys are reordered or an absent field becomes null', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (spec) => {
        const reordered = Object.fromEntries(Object.entries(spec).reverse());
        expect(configHash({ ...reordered, ['never used before']: null })).toBe(configHash(spec));
      }),
    );
  });
});

describe('canonicalJson', () => {
  it('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('sorts keys by UTF-16 code unit, as RFC 8785 does', () => {
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, '\ufb33': 5 })).toBe(
      '{"\\r":2,"1":3,"\u20ac":1,"\ud83d\ude00":4,"\ufb33":5}',
    );
  });
});
