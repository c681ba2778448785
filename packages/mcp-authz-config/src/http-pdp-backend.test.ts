import { describe, expect, it } from '@jest/globals';
import { HttpPdpBackend } from './http-pdp-backend.js';

const backend = new HttpPdpBackend();
const url = 'http://pdp:9000';

describe('the backend httpv1', () => {
  it.each([
    ['the least', { http: { url }, claim_mapping: 'mpe' }],
    [
      'every member',
      {
        http: { url: 'https://pdp.example.com/v1', timeout: 30, insecure_skip_verify: true },
        context: { include_args: true, include_operation: false },
        claim_mapping: 'standard',
      },
    ],
    ['null members', { http: { url, timeout: null }, context: null, claim_mapping: 'mpe' }],
  ])('takes %s', (_, config) => {
    expect(backend.assess(config)).toEqual({ usable: true, remarks: [] });
  });

  it.each([
    ['null', null, "pdp configuration is required (missing 'pdp' field)"],
    ['no members', {}, 'http configuration is required'],
    [
      'members of another backend',
      { policies: ['permit(principal, action, resource);'] },
      'http configuration is required',
    ],
    ['no URL', { http: {} }, 'http.url is required'],
    ['an empty URL', { http: { url: '' } }, 'http.url is required'],
    ['a URL before the claim mapping', { http: { url: 'pdp:9000' } }, 'http.url must be an absolute http or https URL'],
    ['no claim mapping', { http: { url } }, 'claim_mapping is required (valid values: mpe, standard)'],
    [
      'an empty claim mapping',
      { http: { url }, claim_mapping: '' },
      'claim_mapping is required (valid values: mpe, standard)',
    ],
    [
      'another claim mapping',
      { http: { url }, claim_mapping: 'custom' },
      'invalid claim_mapping "custom" (valid values: mpe, standard)',
    ],
  ])('refuses %s', (_, config, problem) => {
    expect(backend.assess(config)).toEqual({ usable: false, problem });
  });

  it.each([
    ['config', 'pdp'],
    ['config.http', { http: url }],
    ['config.http.url', { http: { url: 1 } }],
    ['config.http.timeout', { http: { url, timeout: '30s' } }],
    ['config.http.timeout', { http: { url, timeout: 1.5 } }],
    ['config.http.insecure_skip_verify', { http: { url, insecure_skip_verify: 'yes' } }],
    ['config.context.include_args', { context: { include_args: 1 } }],
    ['config.context.include_operation', { context: { include_operation: 'x' } }],
    ['config.claim_mapping', { claim_mapping: ['mpe'] }],
  ])('names the member of the wrong type: %s', (path, config) => {
    expect(backend.assess(config)).toEqual({
      usable: false,
      problem: expect.stringContaining(`failed to parse HTTP PDP configuration: ${path}: `),
    });
  });

  it.each([
    '/authorize',
    'pdp:9000',
    'ftp://pdp',
    'http:pdp',
    'http:///x',
    'https://',
    ' http://pdp',
    'http://pdp ',
    'http://[::1',
  ])('does not take %j for an absolute http or https URL', (given) => {
    expect(backend.assess({ http: { url: given }, claim_mapping: 'mpe' })).toMatchObject({
      problem: 'http.url must be an absolute http or https URL',
    });
  });

  it('remarks on members that nobody reads, by path', () => {
    const config = { http: { url, retries: 3 }, context: { include_headers: true }, claim_mapping: 'mpe', audit: {} };
    expect(backend.assess(config)).toEqual({
      usable: true,
      remarks: ['unknown members ignored: [audit context.include_headers http.retries]'],
    });
  });
});
