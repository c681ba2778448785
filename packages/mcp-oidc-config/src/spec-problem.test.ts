import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { specProblem } from './spec-problem.js';

type Spec = Parameters<typeof specProblem>[0];
type Inline = NonNullable<Spec['inline']>;
type Cluster = NonNullable<Spec['kubernetesServiceAccount']>;

const DEFAULTS = { jwksAllowPrivateIP: false, protectedResourceAllowPrivateIP: false, insecureAllowHTTP: false };
const inline = (change: Partial<Inline> = {}): Spec => ({
  type: 'inline',
  inline: { ...DEFAULTS, issuer: 'https://idp.example.com', ...change },
});
const cluster = (change: Partial<Cluster> = {}): Spec => ({
  type: 'kubernetesServiceAccount',
  kubernetesServiceAccount: { issuer: 'https://kubernetes.default.svc', ...change },
});
const bundle = (name: string, key = 'ca.crt') => inline({ caBundleRef: { configMapRef: { name, key } } });

describe('a spec with nothing wrong', () => {
  it.each<[string, Spec]>([
    ['inline with only an issuer', inline()],
    ['an issuer with a slash at the end', inline({ issuer: 'https://idp.example.com/' })],
    ['an issuer with port, path and an upper-case scheme', inline({ issuer: 'HTTPS://idp.example.com:8443/realms/a' })],
    ['an issuer at an IPv6 address', inline({ issuer: 'https://[2001:db8::1]:8443' })],
    [
      'http that is asked for',
      inline({
        issuer: 'http://idp',
        jwksUrl: 'http://idp/keys',
        introspectionUrl: 'http://idp/i',
        insecureAllowHTTP: true,
      }),
    ],
    ['empty endpoints', inline({ jwksUrl: '', introspectionUrl: '' })],
    ['a CA bundle with a name of 48 characters and no key', bundle('x'.repeat(48), '')],
    ['the tokens of the cluster', cluster()],
    [
      'the tokens of another cluster',
      cluster({ issuer: 'https://k.example.com', jwksUrl: 'https://k.example.com/keys', useClusterAuth: false }),
    ],
    ['an empty issuer of a cluster, which is its own', cluster({ issuer: '' })],
    ['no issuer of a cluster', { type: 'kubernetesServiceAccount', kubernetesServiceAccount: {} }],
    ['inline without its defaults', { type: 'inline', inline: { issuer: 'https://idp' } }],
  ])('is %s', (_, spec) => {
    expect(specProblem(spec)).toBeUndefined();
  });
});

const HTTP = 'uses HTTP scheme, which is insecure; use HTTPS or set insecureAllowHTTP: true for development only';
const CLUSTER_MISMATCH =
  "kubernetesServiceAccount configuration must be set if and only if type is 'kubernetesServiceAccount'";
const INLINE_MISMATCH = "inline configuration must be set if and only if type is 'inline'";

/** What is wrong, by the number of the check in the spec of the kind. */
const PROBLEMS: readonly (readonly [string, Spec, string])[] = [
  ['3.1', { type: 'kubernetesServiceAccount' }, CLUSTER_MISMATCH],
  ['3.1', { ...cluster(), type: 'inline' }, CLUSTER_MISMATCH],
  ['3.1', { ...inline(), ...cluster(), type: 'inline' }, CLUSTER_MISMATCH],
  ['3.2', { type: 'inline' }, INLINE_MISMATCH],
  ['3.2', { ...inline(), ...cluster() }, INLINE_MISMATCH],
  ['2.1 issuer', inline({ issuer: '' }), 'inline.issuer must not be empty'],
  [
    '3.3 unparsable',
    inline({ issuer: 'https://idp example.com' }),
    'OIDC issuer URL "https://idp example.com" is malformed: parse "https://idp example.com": invalid character, host or port',
  ],
  [
    '3.3 unparsable',
    inline({ issuer: 'https://[::1' }),
    'OIDC issuer URL "https://[::1" is malformed: parse "https://[::1": invalid character, host or port',
  ],
  [
    '3.3 unparsable',
    inline({ issuer: 'https://idp.example.com\n' }),
    String.raw`OIDC issuer URL "https://idp.example.com\n" is malformed: parse "https://idp.example.com\n": invalid character, host or port`,
  ],
  [
    '3.3 no scheme',
    inline({ issuer: 'idp.example.com' }),
    'OIDC issuer URL "idp.example.com" is malformed: missing scheme or host',
  ],
  [
    '3.3 no host',
    inline({ issuer: 'idp.example.com:8443' }),
    'OIDC issuer URL "idp.example.com:8443" is malformed: missing scheme or host',
  ],
  [
    '3.3 no host',
    inline({ issuer: 'https:idp.example.com' }),
    'OIDC issuer URL "https:idp.example.com" is malformed: missing scheme or host',
  ],
  ['3.3 no host', inline({ issuer: 'https://' }), 'OIDC issuer URL "https://" is malformed: missing scheme or host'],
  [
    '3.3 no host',
    inline({ issuer: 'https://user@:8443/' }),
    'OIDC issuer URL "https://user@:8443/" is malformed: missing scheme or host',
  ],
  ['3.3 http', inline({ issuer: 'http://idp.internal' }), `OIDC issuer URL "http://idp.internal" ${HTTP}`],
  ['3.3 http', inline({ issuer: 'HTTP://localhost' }), `OIDC issuer URL "HTTP://localhost" ${HTTP}`],
  [
    '3.3 scheme',
    inline({ issuer: 'ftp://idp', insecureAllowHTTP: true }),
    'OIDC issuer URL "ftp://idp" has unsupported scheme "ftp"; must be http or https',
  ],
  [
    '3.4 unparsable',
    inline({ jwksUrl: 'https://idp:keys' }),
    'JWKS URL is invalid: parse "https://idp:keys": invalid character, host or port',
  ],
  ['3.4 http', inline({ jwksUrl: 'http://idp/keys' }), `JWKS URL "http://idp/keys" ${HTTP}`],
  [
    '3.4 scheme',
    inline({ jwksUrl: 'keys.json' }),
    'JWKS URL "keys.json" has unsupported scheme ""; must be http or https',
  ],
  ['3.4 host', inline({ jwksUrl: 'https://' }), 'JWKS URL must have a valid host'],
  [
    'issuer before key URL',
    inline({ issuer: 'ftp://idp', jwksUrl: 'keys.json' }),
    'OIDC issuer URL "ftp://idp" has unsupported scheme "ftp"; must be http or https',
  ],
  [
    'introspection like the key URL',
    inline({ introspectionUrl: 'http://i/' }),
    `Introspection URL "http://i/" ${HTTP}`,
  ],
  ['introspection host', cluster({ introspectionUrl: 'https:///i' }), 'Introspection URL must have a valid host'],
  [
    'cluster issuer',
    cluster({ issuer: 'http://kubernetes.default.svc' }),
    'OIDC issuer URL "http://kubernetes.default.svc" uses HTTP scheme, which is insecure; use HTTPS',
  ],
  [
    'cluster issuer',
    cluster({ issuer: 'kubernetes' }),
    'OIDC issuer URL "kubernetes" is malformed: missing scheme or host',
  ],
  [
    'cluster key URL',
    cluster({ jwksUrl: 'http://k/keys' }),
    'JWKS URL "http://k/keys" uses HTTP scheme, which is insecure; use HTTPS',
  ],
  ['5.3 source', inline({ caBundleRef: {} }), 'configMapRef must be specified in caBundleRef'],
  ['5.3 name', bundle(''), 'configMapRef.name must be specified'],
  [
    '5.3 length',
    bundle('x'.repeat(49)),
    `configMapRef.name "${'x'.repeat(49)}" is too long (49 chars); maximum is 48 characters to fit in Kubernetes volume name`,
  ],
  ['5.3 dots', bundle('corp.ca'), 'configMapRef.name "corp.ca" cannot be used in a volume name'],
  ['5.3 otel', bundle('otel'), 'configMapRef.name "otel" cannot be mounted beside the CA bundles of telemetry'],
];

describe('specProblem', () => {
  it.each(PROBLEMS)('says what is wrong: %s, %j', (_, spec, problem) => {
    expect(specProblem(spec)).toBe(problem);
  });

  it.each<[string, unknown, string]>([
    ['a type nobody knows', { type: 'ldap' }, 'spec.type: '],
    ['no type', {}, 'spec.type: '],
    ['no issuer', { type: 'inline', inline: DEFAULTS }, 'spec.inline.issuer: '],
    ['an issuer that is a number', { type: 'inline', inline: { ...DEFAULTS, issuer: 1 } }, 'spec.inline.issuer: '],
    ['no object at all', 'inline', 'spec: '],
  ])('names the field where a stored object has %s', (_, spec, path) => {
    expect(specProblem(spec as Spec)?.slice(0, path.length)).toBe(path);
  });
});

const host = fc.domain();
const url = (scheme: string) => fc.tuple(host, fc.webPath()).map(([name, path]) => `${scheme}://${name}${path}`);
const endpoint = fc.option(fc.oneof(url('https'), fc.constant('')), { nil: undefined });
const given = <T extends object>(record: fc.Arbitrary<T>) =>
  record.map((value) => JSON.parse(JSON.stringify(value)) as T);

/** Specs the schema permits and nothing is wrong with. */
const validSpec: fc.Arbitrary<Spec> = fc.oneof(
  given(
    fc.record({
      type: fc.constant('inline' as const),
      inline: fc.record({
        issuer: url('https'),
        jwksUrl: endpoint,
        introspectionUrl: endpoint,
        clientId: fc.option(fc.string(), { nil: undefined }),
        clientSecretRef: fc.option(fc.record({ name: fc.string(), key: fc.string() }), { nil: undefined }),
        caBundleRef: fc.option(
          fc.record({
            configMapRef: fc.record({
              name: fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,46}[a-z0-9])?$/).filter((name) => name !== 'otel'),
              key: fc.string(),
            }),
          }),
          { nil: undefined },
        ),
        jwksAllowPrivateIP: fc.boolean(),
        protectedResourceAllowPrivateIP: fc.boolean(),
        insecureAllowHTTP: fc.boolean(),
      }),
    }),
  ),
  given(
    fc.record({
      type: fc.constant('kubernetesServiceAccount' as const),
      kubernetesServiceAccount: fc.record({
        serviceAccount: fc.option(fc.string(), { nil: undefined }),
        issuer: url('https'),
        jwksUrl: endpoint,
        introspectionUrl: endpoint,
        useClusterAuth: fc.option(fc.boolean(), { nil: undefined }),
      }),
    }),
  ),
);

describe('for any spec, specProblem', () => {
  it('has nothing against one that keeps every rule', () => {
    fc.assert(
      fc.property(validSpec, (spec) => {
        expect(specProblem(spec)).toBeUndefined();
      }),
    );
  });

  it('never throws and accepts no spec that breaks a rule, whatever is put in place of its fields', () => {
    const replacement = fc.oneof(
      fc.constantFrom(undefined, null, '', 'http://idp', 'ftp://idp', 'idp:8443', 'https://', 'a.b', 'otel', 'inline'),
      fc.jsonValue({ maxDepth: 1 }),
    );
    fc.assert(
      fc.property(
        validSpec,
        fc.array(fc.tuple(fc.nat(14), replacement), { minLength: 1, maxLength: 3 }),
        (spec, changes) => {
          const damaged = changes.reduce<unknown>((value, [n, other]) => replaced(value, n, other), spec) as Spec;
          const problem = specProblem(damaged);
          expect(problem === undefined || problem.length > 0).toBe(true);
          expect(problem === undefined && !keepsEveryRule(damaged)).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** The rules once more, told by other means: the oracle of the property above. */
function keepsEveryRule({ type, inline, kubernetesServiceAccount: cluster }: Spec): boolean {
  const settings = inline ?? cluster;
  if (settings === undefined || (inline !== undefined && cluster !== undefined)) return false;
  if (type !== (inline === undefined ? 'kubernetesServiceAccount' : 'inline')) return false;
  const schemes = inline?.insecureAllowHTTP === true ? ['https:', 'http:'] : ['https:'];
  const isFine = (text = '') => text === '' || (URL.canParse(text) && schemes.includes(new URL(text).protocol));
  const name = inline?.caBundleRef?.configMapRef?.name;
  const isMountable = inline?.caBundleRef === undefined || (name !== undefined && /^[a-z0-9-]{1,48}$/.test(name));
  return (
    [settings.issuer, settings.jwksUrl, settings.introspectionUrl].every((text) => isFine(text)) &&
    inline?.issuer !== '' &&
    isMountable &&
    name !== 'otel'
  );
}

/** The value with another in place of its n-th field or item, counted through all levels. */
function replaced(value: unknown, n: number, other: unknown): unknown {
  let left = n;
  const copy = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([key, member]) => [key, left-- === 0 ? other : copy(member)] as const);
    return Array.isArray(node) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
  };
  return copy(value);
}
