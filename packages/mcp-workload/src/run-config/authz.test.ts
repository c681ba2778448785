import { describe, expect, it } from '@jest/globals';
import { goJson } from '../formats/go-json.js';
import { parsedAuthzSection } from './authz.js';

const SOURCE = 'ConfigMap ns/authz key "authz.json"';
const POLICY = 'permit(principal, action, resource);';
const cedar = (document: object) =>
  JSON.stringify({ version: '1.0', type: 'cedarv1', cedar: { policies: [POLICY], ...document } });
const http = (pdp: object) => JSON.stringify({ version: '1.0', type: 'httpv1', pdp });

describe('parsedAuthzSection', () => {
  it.each([
    ['YAML', `version: "1.0"\ntype: cedarv1\ncedar:\n  policies: ["${POLICY}"]\n`],
    ['JSON', cedar({})],
  ])('reads %s and writes its keys in order', (_, text) => {
    expect(goJson(parsedAuthzSection(text, SOURCE))).toBe(
      `{"cedar":{"policies":["${POLICY}"]},"type":"cedarv1","version":"1.0"}`,
    );
  });

  it('puts the claim mapping of the workload over that of a Cedar document', () => {
    const text = cedar({ entities_json: '[]', group_claim_name: 'theirs', role_claim_name: 'roles' });
    expect(parsedAuthzSection(text, SOURCE, { groupClaimName: 'ours' })).toEqual({
      version: '1.0',
      type: 'cedarv1',
      cedar: { policies: [POLICY], entities_json: '[]', group_claim_name: 'ours', role_claim_name: 'roles' },
    });
  });

  it('does not put it over that of another authorizer', () => {
    const text = http({ http: { url: 'http://p' }, claim_mapping: 'mpe' });
    expect(parsedAuthzSection(text, SOURCE, { groupClaimName: 'ours' })).toEqual(JSON.parse(text));
  });

  it.each([
    ['{{{', `failed to parse authz config from ${SOURCE}: `],
    ['5', `invalid authz config from ${SOURCE}: version and type are required`],
    ['{"type":"cedarv1"}', `invalid authz config from ${SOURCE}: version and type are required`],
    [
      '{"version":"1.0","type":"opa"}',
      `invalid authz config from ${SOURCE}: unsupported authorizer type: opa (registered types: [cedarv1 httpv1])`,
    ],
    [
      cedar({ policies: [] }),
      `invalid authz config from ${SOURCE}: invalid cedarv1 configuration: at least one policy is required for Cedar authorization`,
    ],
    [
      '{"version":"1.0","type":"cedarv1"}',
      `invalid authz config from ${SOURCE}: invalid cedarv1 configuration: cedar configuration is required`,
    ],
    [
      cedar({ policies: [5] }),
      `invalid authz config from ${SOURCE}: invalid cedarv1 configuration: policies must be a list of texts`,
    ],
    [http({}), `invalid authz config from ${SOURCE}: invalid httpv1 configuration: pdp.http.url is required`],
    [
      http({ http: { url: 'http://p' } }),
      `invalid authz config from ${SOURCE}: invalid httpv1 configuration: pdp.claim_mapping must be one of: mpe, standard`,
    ],
  ])('refuses %s', (text, message) => {
    expect(() => parsedAuthzSection(text, SOURCE)).toThrow(message);
  });
});
