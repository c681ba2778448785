import { describe, expect, it } from '@jest/globals';
import { Operator } from '@trueup/core';
import { clusterFromToken } from '@trueup/kube';
import fc from 'fast-check';
import { AUTHORIZER_BACKEND, type Assessment, type AuthorizerBackend } from './authorizer-backend.js';
import { AuthorizerRegistry } from './authorizer-registry.js';
import { CedarBackend } from './cedar/cedar-backend.js';
import { authzConfigText } from './full-authz-config.js';
import { HttpPdpBackend } from './http-pdp-backend.js';
import { mcpAuthzConfig } from './module.js';

const { signal } = new AbortController();
const policies = ['permit(principal, action, resource);'];
const builtin = () => new AuthorizerRegistry([new HttpPdpBackend(), new CedarBackend()]);

class OpaBackend implements AuthorizerBackend {
  readonly type: string = 'opa';
  readonly configKey: string = 'opa';

  assess(config: unknown): Assessment {
    return config === null
      ? { usable: false, problem: 'opa needs a bundle' }
      : { usable: true, remarks: ['bundle not fetched'] };
  }
}

/** An application's operator, for its container; nothing of it is started. */
const applicationWith = (...backends: readonly AuthorizerBackend[]) =>
  Operator.create({
    modules: [mcpAuthzConfig],
    connection: clusterFromToken({ server: 'http://127.0.0.1:1', token: 'none' }),
    register: (container) => {
      for (const backend of backends) container.register<AuthorizerBackend>(AUTHORIZER_BACKEND, { useValue: backend });
    },
  });

describe('AuthorizerRegistry', () => {
  it.each([
    ['no type', {}, 'type must not be empty'],
    ['an empty type', { type: '', config: {} }, 'type must not be empty'],
    [
      'a type nobody registered',
      { type: 'opa', config: {} },
      'type "opa" is not a registered authorizer backend (registered: [cedarv1 httpv1])',
    ],
    ['no config', { type: 'cedarv1' }, 'config must not be empty'],
    ['a null config', { type: 'cedarv1', config: null }, "cedar configuration is required (missing 'cedar' field)"],
    [
      'an empty Cedar config',
      { type: 'cedarv1', config: {} },
      'at least one policy is required for Cedar authorization',
    ],
    ['an empty PDP config', { type: 'httpv1', config: {} }, 'http configuration is required'],
    [
      'a number that may have changed on the way',
      { type: 'cedarv1', config: { policies, limits: [1, 2 ** 53] } },
      'config.limits[1] is an integer beyond 2^53, which may arrive changed; write it as a string',
    ],
  ])('refuses %s', async (_, spec, problem) => {
    expect(await builtin().assess(spec, signal)).toEqual({ usable: false, problem });
  });

  it('refuses a config that would not fit into a run configuration', async () => {
    const room = 512 * 1024 - JSON.stringify({ policies, note: '' }).length;
    const assessed = (note: string) => builtin().assess({ type: 'cedarv1', config: { policies, note } }, signal);

    expect(await assessed('x'.repeat(room))).toMatchObject({ usable: true });
    expect(await assessed('é'.repeat(room / 2 + 1))).toEqual({
      usable: false,
      problem: expect.stringMatching(
        /^config has 5242\d\d bytes, but a run configuration has room for 524288 \(512 KiB\)/,
      ),
    });
  });

  it('refuses a config that is nested beyond reason, instead of running out of stack', async () => {
    const deep: unknown = Array.from({ length: 20_000 }).reduce((inner) => ({ inner }), {});
    expect(await builtin().assess({ type: 'cedarv1', config: { policies, deep } }, signal)).toEqual({
      usable: false,
      problem: 'config is nested more than 200 levels deep',
    });
  });

  const cedarConfig = fc.record(
    {
      policies: fc.array(fc.constantFrom(...policies, 'forbid(principal, action, resource);'), { minLength: 1 }),
      entities_json: fc.constantFrom('', '[]', '[{"uid": {"type": "THVGroup", "id": "a"}}]'),
      group_claim_name: fc.string(),
      group_entity_type: fc.string().filter((name) => !name.includes('::')),
      multi_valued_claims: fc.array(fc.string()),
    },
    { requiredKeys: ['policies'] },
  );
  const pdpConfig = fc.record(
    {
      http: fc.record({ url: fc.webUrl(), timeout: fc.nat() }, { requiredKeys: ['url'] }),
      context: fc.record({ include_args: fc.boolean() }, { requiredKeys: [] }),
      claim_mapping: fc.constantFrom('mpe', 'standard'),
    },
    { requiredKeys: ['http', 'claim_mapping'] },
  );
  const validSpec = fc.oneof(
    fc.record({ type: fc.constant('cedarv1'), config: cedarConfig }),
    fc.record({ type: fc.constant('httpv1'), config: pdpConfig }),
  );

  it('takes every valid spec, and the text made of it, too', async () => {
    await fc.assert(
      fc.asyncProperty(validSpec, async (spec) => {
        const registry = builtin();
        expect(await registry.assess(spec, signal)).toEqual({ usable: true, remarks: [] });
        const full: unknown = JSON.parse(authzConfigText(registry.fullConfig(spec)));
        expect(await registry.assessFull(full, signal)).toEqual({ usable: true, remarks: [] });
      }),
    );
  });

  it('names the member of a valid spec that was given the wrong type', async () => {
    const mutated = validSpec.chain((spec) =>
      fc
        .constantFrom(...Object.keys(spec.config))
        .map((member) => ({ member, spec: { ...spec, config: { ...spec.config, [member]: 7 } } })),
    );
    await fc.assert(
      fc.asyncProperty(mutated, async ({ member, spec }) => {
        expect(await builtin().assess(spec, signal)).toEqual({
          usable: false,
          problem: expect.stringContaining(`config.${member}: `),
        });
      }),
    );
  });

  it('has a verdict on anything', async () => {
    const type = fc.oneof(fc.constantFrom('cedarv1', 'httpv1'), fc.jsonValue());
    const config = fc.oneof(
      fc.record({
        policies: fc.array(fc.string()),
        entities_json: fc.oneof(fc.json(), fc.string()),
        other: fc.jsonValue(),
      }),
      fc.record({ http: fc.record({ url: fc.string() }), claim_mapping: fc.string() }),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.record({ type, config }, { requiredKeys: [] }), async (spec) => {
        const assessment = await builtin().assess(spec, signal);
        if (!assessment.usable) expect(assessment.problem).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });
});

describe('the full configuration', () => {
  it('holds the config as it is under the key of the backend', () => {
    const config = { policies, foo: { b: 1, a: null } };
    const full = builtin().fullConfig({ type: 'cedarv1', config });
    expect(full).toEqual({ cedar: config, type: 'cedarv1', version: '1.0' });
    expect(full['cedar']).toBe(config);
  });

  it.each([
    [{ type: 'opa', config: {} }, 'unsupported authorizer type: opa (registered types: [cedarv1 httpv1])'],
    [{}, 'unsupported authorizer type:  (registered types: [cedarv1 httpv1])'],
    [{ type: 'httpv1' }, 'config field is empty'],
  ])('of %j cannot be built, which is the user’s to change', (spec, message) => {
    expect(() => builtin().fullConfig(spec)).toThrow(expect.objectContaining({ code: 'ERR_SPEC_INVALID', message }));
  });

  it.each([
    ['no object', 'cedar', 'version is required'],
    ['no version', { type: 'cedarv1', cedar: { policies } }, 'version is required'],
    ['no type', { version: '1.0', cedar: { policies } }, 'type is required'],
    [
      'an unknown type',
      { version: '1.0', type: 'opa' },
      'unsupported authorizer type: opa (registered types: [cedarv1 httpv1])',
    ],
    [
      'settings missing',
      { version: '1.0', type: 'httpv1', cedar: {} },
      "invalid httpv1 configuration: pdp configuration is required (missing 'pdp' field)",
    ],
  ])('from elsewhere is refused with %s', async (_, full, problem) => {
    expect(await builtin().assessFull(full, signal)).toEqual({ usable: false, problem });
  });
});

describe('an application', () => {
  it('adds a backend by registering it', async () => {
    const operator = await applicationWith(new OpaBackend());
    const registry = operator.container.resolve(AuthorizerRegistry);

    expect(registry.types).toEqual(['cedarv1', 'httpv1', 'opa']);
    expect(await registry.assess({ type: 'opa', config: {} }, signal)).toEqual({
      usable: true,
      remarks: ['bundle not fetched'],
    });
    expect(registry.fullConfig({ type: 'opa', config: { a: 1 } })).toEqual({
      opa: { a: 1 },
      type: 'opa',
      version: '1.0',
    });
    await operator.stop();
  });

  it.each([
    [
      'a type twice',
      Object.assign(new OpaBackend(), { type: 'cedarv1' }),
      'authorizer factory already registered for type: cedarv1',
    ],
    ...['', 'version', 'type'].map((configKey): [string, AuthorizerBackend, string] => [
      `the config key "${configKey}"`,
      Object.assign(new OpaBackend(), { configKey }),
      `authorizer factory for type "opa" uses reserved ConfigKey() "${configKey}"; reserved keys are: "", "version", "type"`,
    ]),
  ])('does not start with %s', async (_, backend, message) => {
    await expect(applicationWith(backend)).rejects.toThrow(message);
    expect(() => new AuthorizerRegistry([new CedarBackend(), backend])).toThrow(
      expect.objectContaining({ code: 'ERR_AUTHORIZER_REGISTRY_INVALID', message }),
    );
  });
});
