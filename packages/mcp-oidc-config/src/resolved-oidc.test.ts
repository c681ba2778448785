import { describe, expect, it } from '@jest/globals';
import { incomingOidc } from './incoming-oidc.js';
import { resolveOidc, type OidcReference } from './resolved-oidc.js';
import type { MCPOIDCConfig } from './resource.js';
import { oidcConfigSection } from './run-configuration.js';

const DEFAULT_URL = 'http://mcp-srv-proxy.team.svc.cluster.local:8080';
const DEFAULTS = { jwksAllowPrivateIP: false, protectedResourceAllowPrivateIP: false, insecureAllowHTTP: false };

const config = (spec: MCPOIDCConfig['spec']): MCPOIDCConfig => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind: 'MCPOIDCConfig',
  metadata: { name: 'corp', namespace: 'team' },
  spec,
});
const inline = (change: object = {}) =>
  config({ type: 'inline', inline: { ...DEFAULTS, issuer: 'https://issuer.example.com', ...change } });
const cluster = (change: object = {}) =>
  config({
    type: 'kubernetesServiceAccount',
    kubernetesServiceAccount: { issuer: 'https://kubernetes.default.svc', ...change },
  });
const resolved = (given: MCPOIDCConfig, reference: OidcReference = { audience: 'mcp' }) =>
  resolveOidc(given, reference, DEFAULT_URL);

const everything = inline({
  jwksUrl: 'https://issuer.example.com/keys',
  introspectionUrl: 'https://issuer.example.com/introspect',
  clientId: 'proxy',
  clientSecretRef: { name: 'idp', key: 'secret' },
  caBundleRef: { configMapRef: { name: 'corp-ca', key: 'bundle.pem' } },
});
const reference = { audience: 'mcp', scopes: ['openid', 'mcp:read'], resourceUrl: 'https://srv.example.com/mcp' };

describe('the run configuration of a workload', () => {
  it('has everything an inline config and the reference say, in the order the runner writes it (7.1)', () => {
    const oidc = resolved(everything, reference);

    expect(JSON.stringify(oidcConfigSection(oidc))).toBe(
      JSON.stringify({
        Issuer: 'https://issuer.example.com',
        Audience: 'mcp',
        JWKSURL: 'https://issuer.example.com/keys',
        ClientID: 'proxy',
        ClientSecret: '',
        CACertPath: '/config/certs/corp-ca/bundle.pem',
        AuthTokenFile: '',
        AllowPrivateIP: false,
        InsecureAllowHTTP: false,
        IntrospectionURL: 'https://issuer.example.com/introspect',
        ResourceURL: 'https://srv.example.com/mcp',
        Scopes: ['openid', 'mcp:read'],
      }),
    );
    expect(oidc.clientSecret).toEqual({ name: 'idp', key: 'secret' });
  });

  it("reaches the cluster's keys with the pod's own files (7.2)", () => {
    expect(oidcConfigSection(resolved(cluster(), { audience: 'toolhive' }))).toEqual({
      Issuer: 'https://kubernetes.default.svc',
      Audience: 'toolhive',
      JWKSURL: '',
      ClientID: '',
      ClientSecret: '',
      CACertPath: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
      AuthTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      AllowPrivateIP: true,
      InsecureAllowHTTP: false,
      IntrospectionURL: '',
      ResourceURL: DEFAULT_URL,
      Scopes: null,
    });
  });

  it.each([
    [
      'useClusterAuth off',
      cluster({ useClusterAuth: false }),
      { CACertPath: '', AuthTokenFile: '', AllowPrivateIP: false },
    ],
    ['an empty issuer of the cluster', cluster({ issuer: '' }), { Issuer: 'https://kubernetes.default.svc' }],
    [
      'a stored config without the member of the cluster',
      config({ type: 'kubernetesServiceAccount' }),
      { Issuer: 'https://kubernetes.default.svc', AllowPrivateIP: true },
    ],
    ['a token file', inline({ jwksAuthTokenPath: '/token' }), { AuthTokenFile: '/token' }],
    ['private key addresses', inline({ jwksAllowPrivateIP: true }), { AllowPrivateIP: true }],
    ['private resource addresses', inline({ protectedResourceAllowPrivateIP: true }), { AllowPrivateIP: true }],
    ['http', inline({ insecureAllowHTTP: true }), { InsecureAllowHTTP: true }],
    [
      'a CA bundle without a key',
      inline({ caBundleRef: { configMapRef: { name: 'ca', key: '' } } }),
      { CACertPath: '/config/certs/ca/ca.crt' },
    ],
  ])('knows %s', (_, given, written) => {
    expect(oidcConfigSection(resolved(given))).toMatchObject(written);
  });

  it('takes an empty list of scopes and an empty URL in the reference for none', () => {
    const { Scopes, ResourceURL } = oidcConfigSection(
      resolved(inline(), { audience: 'a', scopes: [], resourceUrl: '' }),
    );
    expect(Scopes).toBeNull();
    expect(ResourceURL).toBe(DEFAULT_URL);
  });
});

describe('the configuration of a VirtualMCPServer', () => {
  it('has what is set and leaves out the rest', () => {
    expect(incomingOidc(resolved(everything, reference))).toEqual({
      issuer: 'https://issuer.example.com',
      clientId: 'proxy',
      clientSecretEnv: 'VMCP_OIDC_CLIENT_SECRET',
      audience: 'mcp',
      resource: 'https://srv.example.com/mcp',
      jwksUrl: 'https://issuer.example.com/keys',
      introspectionUrl: 'https://issuer.example.com/introspect',
      scopes: ['openid', 'mcp:read'],
      caBundlePath: '/config/certs/corp-ca/bundle.pem',
    });
  });

  it("carries the token file, without which the cluster's keys cannot be fetched", () => {
    expect(incomingOidc(resolved(cluster()))).toEqual({
      issuer: 'https://kubernetes.default.svc',
      clientId: '',
      audience: 'mcp',
      resource: DEFAULT_URL,
      jwksAllowPrivateIp: true,
      caBundlePath: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
      jwksAuthTokenPath: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    });
  });

  it('says each permission by its own name', () => {
    const permissive = { protectedResourceAllowPrivateIP: true, insecureAllowHTTP: true };
    expect(incomingOidc(resolved(inline(permissive)))).toMatchObject({
      protectedResourceAllowPrivateIp: true,
      insecureAllowHttp: true,
    });
    expect(incomingOidc(resolved(inline(permissive)))).not.toHaveProperty('jwksAllowPrivateIp');
  });
});

describe('resolveOidc', () => {
  it.each([
    [
      'has no settings for its type, instead of letting everybody in',
      config({ type: 'inline' }),
      "inline configuration must be set if and only if type is 'inline'",
    ],
    ['has a type nobody knows', config({ type: 'ldap' as 'inline' }), 'unknown MCPOIDCConfig type: ldap'],
    [
      'has a CA bundle that cannot be mounted',
      inline({ caBundleRef: { configMapRef: { name: 'corp.ca', key: 'k' } } }),
      'configMapRef.name "corp.ca" cannot be used in a volume name',
    ],
  ])('refuses a config that %s', (_, given, message) => {
    expect(() => resolved(given)).toThrow(expect.objectContaining({ code: 'ERR_SPEC_INVALID', message }));
  });
});
