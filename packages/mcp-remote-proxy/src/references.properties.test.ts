import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MCPAuthzConfig } from '@trueup/mcp-authz-config';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import {
  authServerRef,
  authzConfigRef,
  externalAuthRef,
  oidcConfigRef,
  telemetryConfigRef,
  toolConfigRef,
} from './references.js';
import type { MCPRemoteProxy } from './resource.js';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const text = fc.string({ maxLength: 20 });
const named = fc.record({ name: text });

/** Specs as they may be stored: of the right types, with values that no schema of today would let in. */
const proxies = fc
  .record({
    remoteUrl: maybe(text),
    proxyPort: maybe(fc.integer()),
    toolConfigRef: maybe(named),
    telemetryConfigRef: maybe(named),
    externalAuthConfigRef: maybe(named),
    authServerRef: maybe(fc.record({ name: text, kind: maybe(text) }, { requiredKeys: ['name'] })),
    oidcConfigRef: maybe(fc.record({ name: text, audience: maybe(text), resourceUrl: maybe(text) })),
    authzConfigRef: maybe(named),
    authzConfig: maybe(fc.record({ type: text })),
  })
  .map((spec) => ({ ...aProxy, spec }) as MCPRemoteProxy);

const aProxy = { apiVersion: 'v', kind: 'MCPRemoteProxy', metadata: { name: 'p', namespace: 'team' } };

const upstreams = fc.array(fc.record({ name: text, type: fc.constant('oidc') }), { maxLength: 3 });
const auths = fc
  .record({
    type: fc.oneof(fc.constantFrom('embeddedAuthServer', 'tokenExchange', 'xaa', 'obo'), text),
    embeddedAuthServer: maybe(fc.record({ issuer: text, upstreamProviders: upstreams })),
  })
  .map(
    (spec) =>
      ({ apiVersion: 'v', kind: 'MCPExternalAuthConfig', metadata: { name: 'c' }, spec }) as MCPExternalAuthConfig,
  );

const anAuthz = { apiVersion: 'v', kind: 'MCPAuthzConfig', metadata: { name: 'c' }, spec: {} } as MCPAuthzConfig;

describe('the references of any MCPRemoteProxy', () => {
  it('name the config that the spec names', () => {
    const refs = {
      toolConfigRef,
      telemetryConfigRef,
      externalAuthConfigRef: externalAuthRef,
      authServerRef,
      oidcConfigRef,
      authzConfigRef,
    };
    fc.assert(
      fc.property(proxies, (proxy) => {
        for (const [field, ref] of Object.entries(refs)) {
          expect(ref.name(proxy)).toBe(proxy.spec[field as keyof typeof refs]?.name);
        }
      }),
    );
  });

  it('accept a config or say why not, in words a condition can hold', () => {
    fc.assert(
      fc.property(proxies, auths, (proxy, auth) => {
        for (const judgement of [
          externalAuthRef.accepts?.(auth, proxy),
          authServerRef.accepts?.(auth, proxy),
          authzConfigRef.accepts?.(anAuthz, proxy),
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
      fc.property(proxies, auths, (proxy, auth) => {
        const judgement = authServerRef.accepts?.(auth, proxy);
        if (judgement !== undefined) return;
        const { oidcConfigRef: oidc, proxyPort } = proxy.spec;
        expect(auth.spec.type).toBe('embeddedAuthServer');
        expect(auth.spec.embeddedAuthServer?.upstreamProviders.length ?? 0).toBeLessThanOrEqual(1);
        const address = `http://mcp-p-remote-proxy.team.svc.cluster.local:${proxyPort || 8080}`;
        expect(oidc?.audience).toBe(oidc?.resourceUrl || address);
      }),
    );
  });
});
