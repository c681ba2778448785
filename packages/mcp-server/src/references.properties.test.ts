import { describe, expect, it } from '@jest/globals';
import type { MCPAuthzConfig } from '@trueup/mcp-authz-config';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import fc from 'fast-check';
import { authServerRef, authzConfigRef, externalAuthRef } from './references.js';
import type { MCPServer } from './resource.js';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const text = fc.string({ maxLength: 20 });

/** Specs as they may be stored: of the right types, with values that no schema of today would let in. */
const servers = fc
  .record({
    proxyPort: maybe(fc.integer()),
    authServerRef: maybe(fc.record({ name: text, kind: maybe(text) }, { requiredKeys: ['name'] })),
    oidcConfigRef: maybe(fc.record({ name: text, audience: maybe(text), resourceUrl: maybe(text) })),
    authzConfig: maybe(fc.record({ type: text })),
  })
  .map(
    (spec) => ({ apiVersion: 'v', kind: 'MCPServer', metadata: { name: 's', namespace: 'team' }, spec }) as MCPServer,
  );

const upstreams = fc.array(fc.record({ name: text, type: fc.constant('oidc') }), { maxLength: 3 });
const auths = fc
  .record({
    type: fc.oneof(fc.constantFrom('embeddedAuthServer', 'tokenExchange', 'bearerToken', 'xaa', 'obo'), text),
    embeddedAuthServer: maybe(fc.record({ issuer: text, upstreamProviders: upstreams })),
  })
  .map(
    (spec) =>
      ({ apiVersion: 'v', kind: 'MCPExternalAuthConfig', metadata: { name: 'c' }, spec }) as MCPExternalAuthConfig,
  );

const anAuthz = { apiVersion: 'v', kind: 'MCPAuthzConfig', metadata: { name: 'c' }, spec: {} } as MCPAuthzConfig;

describe('the references of any MCPServer', () => {
  it('accept a config or say why not, in words a condition can hold', () => {
    fc.assert(
      fc.property(servers, auths, (server, auth) => {
        for (const judgement of [
          externalAuthRef.accepts?.(auth, server),
          authServerRef.accepts?.(auth, server),
          authzConfigRef.accepts?.(anAuthz, server),
        ]) {
          if (judgement === undefined) continue;
          expect(judgement.reason).toMatch(/^[A-Z][A-Za-z]+$/);
          expect(judgement.message).not.toBe('');
        }
      }),
    );
  });

  it('let no authorization server run that could not serve the proxy', () => {
    fc.assert(
      fc.property(servers, auths, (server, auth) => {
        if (authServerRef.accepts?.(auth, server) !== undefined) return;
        const { oidcConfigRef: oidc, proxyPort } = server.spec;
        expect(auth.spec.type).toBe('embeddedAuthServer');
        expect(auth.spec.embeddedAuthServer?.upstreamProviders.length ?? 0).toBeLessThanOrEqual(1);
        const address = `http://mcp-s-proxy.team.svc.cluster.local:${proxyPort || 8080}`;
        expect(oidc?.audience).toBe(oidc?.resourceUrl || address);
      }),
    );
  });
});
