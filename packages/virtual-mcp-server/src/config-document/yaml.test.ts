import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { parse } from 'yaml';
import { formatYaml } from './yaml.js';

const FC_RUNS = Number(process.env['FC_RUNS'] ?? 80);

describe('formatYaml', () => {
  it.each([
    ['{workload}_', "'{workload}_'"],
    ['[]', "'[]'"],
    ['k:', "'k:'"],
    ['a: b', "'a: b'"],
    ['a #b', "'a #b'"],
    ["it's", "it's"],
    ['- x', "'- x'"],
    [' x', "' x'"],
    ['redis:6379', 'redis:6379'],
    ['https://idp.corp.example/token', 'https://idp.corp.example/token'],
    [
      'permit(principal, action, resource) when { 1 < 2 && true };',
      'permit(principal, action, resource) when { 1 < 2 && true };',
    ],
    ['', '""'],
    ['0.1', '"0.1"'],
    ['12', '"12"'],
    ['yes', '"yes"'],
    ['null', '"null"'],
    ['1:20', '"1:20"'],
    ['2026-07-28', '"2026-07-28"'],
    ['a\tb', '"a\\tb"'],
    ['a\u0007', '"a\\u0007"'],
    ['a \nb', '"a \\nb"'],
    ['m\u00fcnchen', 'm\u00fcnchen'],
  ])('writes the text %j as %s', (text, written) => {
    expect(formatYaml({ a: text })).toBe(`a: ${written}\n`);
  });

  it('indents as Go does: to multiples of four, but for what begins at a dash', () => {
    const document = {
      empty: { list: [], map: {} },
      tools: [{ workload: 'github', filter: ['a'], overrides: { a: { name: 'b' } } }],
      rows: [['x', ['z']]],
      policy: 'permit(\n  principal\n);\n',
      policies: ['a\n\nb'],
    };
    expect(formatYaml(document)).toBe(
      [
        'empty:',
        '    list: []',
        '    map: {}',
        'tools:',
        '    - workload: github',
        '      filter:',
        '        - a',
        '      overrides:',
        '        a:',
        '            name: b',
        'rows:',
        '    - - x',
        '      - - z',
        'policy: |',
        '    permit(',
        '      principal',
        '    );',
        'policies:',
        '    - |-',
        '      a',
        '',
        '      b',
        '',
      ].join('\n'),
    );
  });

  it('writes what every reader reads back as it was', () => {
    const awkward = fc.constantFrom(
      'a\n',
      'a\n\n',
      '\n',
      'a: |',
      '? a',
      '!x',
      '%a',
      '0o7',
      '+.5',
      '-',
      '...',
      '=',
      '<<',
      '\ufeff',
      '\u2028a',
      'a\r\nb',
      'x'.repeat(200),
    );
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), awkward);
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.integer(),
        text,
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('json'), { maxLength: 4 }),
      map: fc.dictionary(text, tie('json'), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(fc.dictionary(text, json, { maxKeys: 4 }), (document) => {
        const written = formatYaml(document);
        const plain: unknown = JSON.parse(JSON.stringify(document));
        expect(JSON.parse(JSON.stringify(load(written) ?? {}))).toEqual(plain);
        expect(parse(written, { strict: true, uniqueKeys: true })).toEqual(plain);
      }),
      { numRuns: FC_RUNS },
    );
  });
});
