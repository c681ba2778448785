import { describe, expect, it } from '@jest/globals';
import { CedarBackend } from './cedar-backend.js';
import { parseCedarOptions } from './cedar-options.js';
import { CedarParser } from './cedar-parser.js';

const policies = ['permit(principal, action, resource);'];

describe('the backend cedarv1', () => {
  const backend = new CedarBackend();

  it.each([
    ['policies alone', { policies }],
    [
      'every member',
      {
        policies,
        entities_json: '[]',
        primary_upstream_provider: 'okta',
        group_claim_name: 'groups',
        role_claim_name: 'roles',
        group_entity_type: 'Team',
        multi_valued_claims: ['scope'],
      },
    ],
    ['empty and null members', { policies, entities_json: '', group_entity_type: null, multi_valued_claims: [] }],
  ])('takes %s', async (_, config) => {
    expect(await backend.assess(config)).toEqual({ usable: true, remarks: [] });
  });

  it.each([
    ['null', null, "cedar configuration is required (missing 'cedar' field)"],
    ['nothing', undefined, "cedar configuration is required (missing 'cedar' field)"],
    ['no policies', {}, 'at least one policy is required for Cedar authorization'],
    ['an empty list of policies', { policies: [] }, 'at least one policy is required for Cedar authorization'],
    ['null policies', { policies: null }, 'at least one policy is required for Cedar authorization'],
    [
      'the envelope pasted in',
      { version: '1.0', type: 'cedarv1', cedar: { policies } },
      'at least one policy is required for Cedar authorization',
    ],
    [
      'an entity type in a namespace',
      { policies, group_entity_type: 'My::Team' },
      'group_entity_type must not contain "::"',
    ],
    [
      'broken entities before a broken entity type',
      { policies, entities_json: '{}', group_entity_type: '::' },
      'entities_json is not valid: expected a list of entities',
    ],
  ])('refuses %s', async (_, config, problem) => {
    expect(await backend.assess(config)).toEqual({ usable: false, problem });
  });

  it.each([
    ['policies', { policies: 'permit' }],
    ['policies[1]', { policies: [policies[0], 1] }],
    ['entities_json', { policies, entities_json: [] }],
    ['primary_upstream_provider', { policies, primary_upstream_provider: 1 }],
    ['group_claim_name', { policies, group_claim_name: {} }],
    ['role_claim_name', { policies, role_claim_name: true }],
    ['group_entity_type', { policies, group_entity_type: [] }],
    ['multi_valued_claims', { policies, multi_valued_claims: 'scope' }],
  ])('names the member of the wrong type: %s', async (path, config) => {
    expect(await backend.assess(config)).toEqual({
      usable: false,
      problem: expect.stringContaining(`failed to parse configuration: config.${path}: `),
    });
  });

  it.each([['permit'], [1], [[]], [true]])('refuses %j where members belong', async (config) => {
    expect(await backend.assess(config)).toMatchObject({
      problem: expect.stringMatching(/^failed to parse configuration: config: /),
    });
  });

  it('names a policy with a syntax error', async () => {
    expect(await backend.assess({ policies: [...policies, 'permit(oops'] })).toMatchObject({
      problem: expect.stringMatching(/^cedar policy at index 1 has invalid syntax: /),
    });
  });

  it('remarks on members that nobody reads, sorted', async () => {
    expect(await backend.assess({ policies, foo: 1, bar: { a: 1 } })).toEqual({
      usable: true,
      remarks: ['unknown members ignored: [bar foo]'],
    });
  });

  it('says so when the policies could not be checked', async () => {
    const blind = new CedarBackend(new CedarParser(async () => undefined));
    expect(await blind.assess({ policies: ['permit(oops'] })).toEqual({
      usable: true,
      remarks: ['Cedar syntax not checked, because @cedar-policy/cedar-wasm is not installed with the operator'],
    });
    expect(await blind.assess({ policies: [] })).toMatchObject({ usable: false });
  });
});

describe('parseCedarOptions', () => {
  it('gives the members as they are', () => {
    const config = { policies, group_claim_name: 'groups', foo: 1 };
    expect(parseCedarOptions(config)).toEqual({ options: config });
  });
});
