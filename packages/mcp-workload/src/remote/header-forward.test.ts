import { describe, expect, it } from '@jest/globals';
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
});
