import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { authzConfigRef } from './authz-config-ref.js';
import { backendAuthRefs } from './backend-auth-refs.js';
import { defaultAuthRef } from './default-auth-ref.js';
import { oidcConfigRef } from './oidc-config-ref.js';
import type { VirtualMCPServer } from '../resource.js';
import { telemetryConfigRef } from './telemetry-config-ref.js';
import { toolConfigRefs } from './tool-config-refs.js';

const name = fc.oneof(fc.constantFrom('', 'a', 'b', '__proto__'), fc.string());
const ref = fc.record({ name }, { requiredKeys: [] });

/** Specs as they may be in the store: anything can be missing. */
const anything = <T extends object>(fields: { readonly [Field in keyof T]: fc.Arbitrary<T[Field]> }) =>
  fc.record(fields, { requiredKeys: [] });

const auth = anything({ type: fc.constantFrom('discovered', 'externalAuthConfigRef'), externalAuthConfigRef: ref });
const spec = anything({
  incomingAuth: anything({ oidcConfigRef: ref, authzConfigRef: ref }),
  telemetryConfigRef: ref,
  outgoingAuth: anything({ default: auth, backends: fc.dictionary(name, auth) }),
  authServerConfig: anything({ upstreamProviders: fc.array(fc.constant({})) }),
  config: anything({ aggregation: anything({ tools: fc.array(anything({ workload: name, toolConfigRef: ref })) }) }),
});
/** Only the type of such a spec promises more than it holds. */
const server = spec.map(
  (stored) => ({ metadata: { name: 'v', namespace: 'n' }, spec: stored }) as unknown as VirtualMCPServer,
);

const xaa = { metadata: { name: 'x' }, spec: { type: 'xaa' } } as MCPExternalAuthConfig;
const CONDITION = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

describe('the references of a VirtualMCPServer, whatever its spec holds', () => {
  it('are found without an exception', () => {
    fc.assert(
      fc.property(server, (stored) => {
        for (const single of [oidcConfigRef, authzConfigRef, telemetryConfigRef, defaultAuthRef]) {
          expect(['string', 'undefined']).toContain(typeof single.name(stored));
        }
        for (const each of [defaultAuthRef, ...backendAuthRefs.members(stored).values()]) {
          const stated = [each.unreferenced?.(stored), each.accepts?.(xaa, stored)];
          for (const one of stated) expect(one?.reason ?? 'None').toMatch(REASON);
        }
      }),
    );
  });

  it('have a condition each, one that the API server takes', () => {
    fc.assert(
      fc.property(server, (stored) => {
        const members = [...backendAuthRefs.members(stored).values(), ...toolConfigRefs.members(stored).values()];
        const types = members.map(({ condition }) => condition);
        for (const type of types) expect(type).toMatch(CONDITION);
        expect(new Set(types).size).toBe(types.length);
      }),
    );
  });

  it('miss no config that a place makes use of', () => {
    fc.assert(
      fc.property(server, ({ metadata, spec: stored }) => {
        const object = { metadata, spec: stored } as VirtualMCPServer;
        const found = [...backendAuthRefs.members(object).values(), ...toolConfigRefs.members(object).values()];
        const named = found.map((member) => member.name(object) ?? '').filter((each) => each !== '');
        const backends = Object.values(stored.outgoingAuth?.backends ?? {})
          .filter(({ type }) => type === 'externalAuthConfigRef')
          .map(({ externalAuthConfigRef }) => externalAuthConfigRef?.name);
        const tools = (stored.config?.aggregation?.tools ?? []).map(({ toolConfigRef }) => toolConfigRef?.name);
        const expected = new Set([...backends, ...tools].filter(Boolean));
        expect(new Set(named)).toEqual(expected);
      }),
    );
  });
});
