import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { headerForwardProblem } from './header-forward.js';

const fromSecret = (...names: string[]) => ({
  addHeadersFromSecret: names.map((headerName) => ({ headerName, valueSecretRef: { name: 's', key: 'k' } })),
});

describe('headerForwardProblem', () => {
  it.each([
    ['no headers', undefined],
    ['ordinary headers', { addPlaintextHeaders: { 'X-Tenant': 't' }, ...fromSecret('X-Api-Key', 'X-Other') }],
    ['the header Authorization', fromSecret('Authorization')],
    ['an entry that was stored without a name', { addHeadersFromSecret: [{}] }],
    // Only values of Secrets travel in the environment.
    ['plain headers that differ in a hyphen', { addPlaintextHeaders: { 'X-A': '1', X_A: '2' } }],
  ])('has nothing against %s', (_, headers) => {
    expect(headerForwardProblem(headers)).toBeUndefined();
  });

  it.each([
    ['host', 'Host'],
    ['TE', 'Te'],
    ['http2-settings', 'Http2-Settings'],
    ['X-FORWARDED-FOR', 'X-Forwarded-For'],
  ])('refuses %s, which the proxy does', (given, shown) => {
    const problem = `header "${shown}" is restricted and cannot be configured for forwarding`;
    expect(headerForwardProblem({ addPlaintextHeaders: { [given]: 'x' } })).toBe(problem);
    expect(headerForwardProblem(fromSecret(given))).toBe(problem);
  });

  it.each([
    [
      'one header with two values',
      { addPlaintextHeaders: { 'x-api-key': 'x' }, ...fromSecret('X-Api-Key') },
      'header "X-Api-Key" is configured more than once',
    ],
    [
      'two Secrets for one variable',
      fromSecret('X-Api-Key', 'X_Api.Key'),
      'headers "X-Api-Key" and "X_Api.Key" cannot both come from Secrets: they share one environment variable; rename one of them',
    ],
  ])('refuses %s', (_, headers, problem) => {
    expect(headerForwardProblem(headers)).toBe(problem);
  });

  it('accepts only headers that have one value and one variable each', () => {
    const names = fc.array(fc.oneof(fc.string(), fc.stringMatching(/^[Xx][-_.][aAbB]$/)), { maxLength: 4 });
    fc.assert(
      fc.property(names, names, (plain, secret) => {
        const addPlaintextHeaders = Object.fromEntries(plain.map((header) => [header, 'x']));
        if (headerForwardProblem({ addPlaintextHeaders, ...fromSecret(...secret) }) !== undefined) return;
        const all = [...Object.keys(addPlaintextHeaders), ...secret].map((header) => header.toLowerCase());
        expect(new Set(all).size).toBe(all.length);
        const variables = secret.map((header) => header.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_'));
        expect(new Set(variables).size).toBe(variables.length);
      }),
    );
  });
});
