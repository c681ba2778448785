import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { authzConfigText, withPrimaryUpstreamProvider } from './full-authz-config.js';

const cedar = { policies: ['permit(principal, action, resource);'] };
const full = { version: '1.0', type: 'cedarv1', cedar };

describe('authzConfigText', () => {
  it.each([
    [
      'cedarv1',
      'cedar',
      '{"policies": ["permit(principal, action, resource) when { 1 < 2 && true };"], "entities_json": "[]"}',
      '{"cedar":{"policies":["permit(principal, action, resource) when { 1 \\u003c 2 \\u0026\\u0026 true };"],"entities_json":"[]"},"type":"cedarv1","version":"1.0"}',
    ],
    [
      'httpv1',
      'pdp',
      '{"http": {"url": "http://pdp:9000", "timeout": 30}, "context": {"include_args": true}, "claim_mapping": "standard"}',
      '{"pdp":{"http":{"url":"http://pdp:9000","timeout":30},"context":{"include_args":true},"claim_mapping":"standard"},"type":"httpv1","version":"1.0"}',
    ],
    ['uber', 'zoo', '{"a": "\u2028>\u2029é"}', '{"type":"uber","version":"1.0","zoo":{"a":"\\u2028\\u003e\\u2029é"}}'],
  ])('writes %s exactly', (type, key, config, text) => {
    expect(authzConfigText({ version: '1.0', [key]: JSON.parse(config), type })).toBe(text);
  });

  it('reads back as the same settings, whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (config) => {
        const text = authzConfigText({ version: '1.0', type: 'x', x: config });
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ version: '1.0', type: 'x', x: config })));
        expect(text).not.toMatch(/[<>&\u2028\u2029]/);
      }),
    );
  });
});

describe('withPrimaryUpstreamProvider', () => {
  it('lets Cedar take its claims from that upstream, whatever the config says', () => {
    const own = { ...full, cedar: { ...cedar, entities_json: '[]', primary_upstream_provider: 'mine' } };
    expect(withPrimaryUpstreamProvider(own, 'okta')).toEqual({
      ...full,
      cedar: { ...cedar, entities_json: '[]', primary_upstream_provider: 'okta' },
    });
    expect(own.cedar.primary_upstream_provider).toBe('mine');
  });

  it('writes what ToolHive was recorded to write', () => {
    expect(withPrimaryUpstreamProvider(full, 'okta')).toEqual({
      ...full,
      cedar: { ...cedar, entities_json: '', primary_upstream_provider: 'okta' },
    });
  });

  it('leaves other types alone', () => {
    const pdp = { version: '1.0', type: 'httpv1', pdp: {}, cedar };
    expect(withPrimaryUpstreamProvider(pdp, 'okta')).toBe(pdp);
  });
});
