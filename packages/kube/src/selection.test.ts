import { describe, expect, it } from '@jest/globals';
import { parseLabelSelector } from './label-selector.js';
import { aConfigMap } from './test-support/scripted-server.js';
import { selectionFilter } from './selection.js';

describe('parseLabelSelector', () => {
  const labels = { app: 'web', tier: 'front', empty: '', 'example.com/role': 'a' };

  it.each([
    { selector: '', matches: true },
    { selector: 'app=web', matches: true },
    { selector: 'app==web,tier=front', matches: true },
    { selector: 'app = web , tier = back', matches: false },
    { selector: 'app!=web', matches: false },
    { selector: 'other!=web', matches: true },
    { selector: 'empty=', matches: true },
    { selector: 'app', matches: true },
    { selector: 'other', matches: false },
    { selector: '!other', matches: true },
    { selector: '!app', matches: false },
    { selector: 'app in (db, web),tier', matches: true },
    { selector: 'app notin (db,web)', matches: false },
    { selector: 'other notin (db)', matches: true },
    { selector: 'other in (db)', matches: false },
    { selector: 'example.com/role=a', matches: true },
  ])('$selector: $matches', ({ selector, matches }) => {
    expect(parseLabelSelector(selector)(labels)).toBe(matches);
  });

  it.each(['app in web', '=web', 'app=web=db', 'a,,b', 'app in (x'])('refuses %s', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(`Not a label selector: "${selector}"`);
  });
});

describe('selectionFilter', () => {
  const object = aConfigMap('settings', 1, { labels: { app: 'web' } });

  it.each([
    { selection: {}, includes: true },
    { selection: { namespace: 'default' }, includes: true },
    { selection: { namespace: 'other' }, includes: false },
    { selection: { labelSelector: 'app=db' }, includes: false },
    { selection: { fieldSelector: 'metadata.name=settings' }, includes: true },
    { selection: { fieldSelector: 'metadata.name=settings,metadata.namespace!=default' }, includes: false },
    { selection: { fieldSelector: 'metadata.name!=settings' }, includes: false },
    { selection: { fieldSelector: 'type=Opaque' }, includes: false },
  ])('$selection: $includes', ({ selection, includes }) => {
    expect(selectionFilter(selection)(object)).toBe(includes);
  });
});
