import { describe, expect, it } from '@jest/globals';
import { enabledFeatures } from './features.js';

const EVERYWHERE = { name: 'everywhere', variable: 'EVERYWHERE', modules: [], needsAllNamespaces: true };
const ANYWHERE = { name: 'anywhere', variable: 'ANYWHERE', modules: [] };
const enabled = (env: Readonly<Record<string, string | undefined>>, namespaces: readonly string[] = []) =>
  enabledFeatures([EVERYWHERE, ANYWHERE], env, namespaces).map(({ name }) => name);

describe('the features of an operator', () => {
  it.each([
    { env: {}, on: [] },
    { env: { EVERYWHERE: 'true', ANYWHERE: '1' }, on: ['everywhere', 'anywhere'] },
    { env: { EVERYWHERE: 'T', ANYWHERE: 'False' }, on: ['everywhere'] },
  ])('are those that $env turns on', ({ env, on }) => {
    expect(enabled(env)).toEqual(on);
  });

  it.each(['yes', '', 'tRuE'])('keep an operator from starting that is told "%s"', (text) => {
    expect(() => enabled({ ANYWHERE: text })).toThrow(
      `invalid value for ANYWHERE: "${text}" (expected true/false): strconv.ParseBool: parsing "${text}": invalid syntax`,
    );
  });

  it('keep an operator from starting in some namespaces that would need all', () => {
    expect(enabled({ EVERYWHERE: 'false', ANYWHERE: 'true' }, ['team-a'])).toEqual(['anywhere']);
    expect(() => enabled({ EVERYWHERE: 'true' }, ['team-a', 'team-b'])).toThrow(
      'EVERYWHERE is true, which needs all namespaces, and WATCH_NAMESPACE is team-a, team-b; unset one',
    );
  });
});
