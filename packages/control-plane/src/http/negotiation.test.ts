import { describe, expect, it } from '@jest/globals';
import { negotiate } from './negotiation.js';

const BUILT_IN = { custom: false, watch: false, pretty: false };
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('negotiate', () => {
  it.each([
    [undefined, { encoding: 'json', form: 'object' }],
    ['*/*', { encoding: 'json', form: 'object' }],
    ['application/yaml', { encoding: 'yaml', form: 'object' }],
    [`${TABLE},application/json`, { encoding: 'json', form: 'Table' }],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', { form: 'object' }],
    ['application/json;q=0.1,application/yaml', { encoding: 'yaml' }],
    ['application/vnd.kubernetes.protobuf,application/json', { encoding: 'json' }],
  ])('%s', (accept, expected) => {
    expect(negotiate(accept, BUILT_IN)).toMatchObject(expected);
  });

  it('refuses in the words of the router for built-in kinds, of the handler for custom ones', () => {
    expect(() => negotiate('text/html', BUILT_IN)).toThrow(/^406: Not Acceptable/);
    expect(() => negotiate('text/html', { ...BUILT_IN, custom: true })).toThrow(
      /^only the following media types are accepted: /,
    );
  });

  it('streams JSON only', () => {
    expect(() => negotiate('application/yaml', { ...BUILT_IN, watch: true })).toThrow(/stream=watch/);
  });

  it('takes application/* for custom kinds only', () => {
    expect(negotiate('application/*', { ...BUILT_IN, custom: true })).toMatchObject({ encoding: 'json' });
    expect(() => negotiate('application/*', BUILT_IN)).toThrow(/^406: Not Acceptable/);
  });
});
