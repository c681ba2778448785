import { describe, expect, it } from '@jest/globals';
import { watchedNamespaces } from './watched-namespaces.js';

describe('WATCH_NAMESPACE', () => {
  it.each([
    { text: undefined, namespaces: [] },
    { text: '', namespaces: [] },
    { text: 'team-a', namespaces: ['team-a'] },
    { text: ' team-a, team-b ,,team-a', namespaces: ['team-a', 'team-b'] },
  ])('$text means $namespaces', ({ text, namespaces }) => {
    expect(watchedNamespaces(text)).toEqual(namespaces);
  });

  it.each([
    { text: 'Team A', problem: 'WATCH_NAMESPACE: "Team A" is not the name of a namespace' },
    { text: `team-a,${'x'.repeat(64)}`, problem: 'is not the name of a namespace' },
    { text: ' , ', problem: 'WATCH_NAMESPACE is " , " and names no namespace; unset it to watch all' },
  ])('$text is refused', ({ text, problem }) => {
    expect(() => watchedNamespaces(text)).toThrow(problem);
  });
});
