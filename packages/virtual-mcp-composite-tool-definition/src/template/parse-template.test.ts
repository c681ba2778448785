import { describe, expect, it } from '@jest/globals';
import { runs } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import { parseTemplate, TemplateSyntaxError } from './parse-template.js';
import { operandsOf } from './template.js';

const messageOf = (text: string): string => {
  try {
    parseTemplate(text, 'validation');
    return '';
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return error.message;
    throw error;
  }
};

describe('parseTemplate', () => {
  it.each([
    'plain text',
    '{{.params.q}}',
    '{{ .x   -}} y',
    '{{ .x\n\t-}} y',
    '{{ json .steps.a.output.items }}',
    '{{ eq .steps.a.status "completed" }}',
    '{{- .a -}} x',
    '{{/* c */}}',
    '{{- /* c */ -}}',
    '{{if .a}}x{{else if .b}}y{{else}}z{{end}}',
    '{{with $x := .a}}{{$x.b}}{{else with .c}}{{end}}',
    '{{range $i, $v := .l}}{{if $v}}{{break}}{{end}}{{continue}}{{else}}none{{end}}',
    '{{define "t"}}{{.}}{{end}}{{template "t" .a}}',
    '{{block "b" .}}x{{end}}',
    '{{ (index .steps "my-step").output.x }}',
    '{{ printf "%d %s" 0x1F `raw` | quote }}',
    "{{ 'a' }} {{ 1.5e3 }} {{ -3 }} {{ 1i }} {{ 1_000 }} {{ nil | json }}",
    '{{ $ }}{{ $.a }}',
    '{"a":{{.params.x}}}',
    '{"a":{"b":1}}',
    '{{ .x | }}',
  ])('takes %j', (text) => {
    expect(messageOf(text)).toBe('');
  });

  // What Go 1.26 says, word for word.
  it.each([
    ['{{$x := 1}}{{block "b" .}}{{$x}}{{end}}', 'template: validation:1: undefined variable "$x"'],
    ['{{if .a}}{{$y := 1}}{{end}}{{$y}}', 'template: validation:1: undefined variable "$y"'],
    ['{{range .x}}{{block "b" .}}{{break}}{{end}}{{end}}', 'template: validation:1: {{break}} outside {{range}}'],
    ['{{ .x', 'template: validation:1: unclosed action'],
    ['{{', 'template: validation:1: unclosed action'],
    ['{{ .x }', 'template: validation:1: unexpected "}" in operand'],
    ['{{ }}', 'template: validation:1: missing value for command'],
    ['{{ | .x }}', 'template: validation:1: unexpected "|" in command'],
    ['{{ foo .x }}', 'template: validation:1: function "foo" not defined'],
    ['{{ $x }}', 'template: validation:1: undefined variable "$x"'],
    ['{{ .x 1 | 2 }}', 'template: validation:1: non executable command in pipeline stage 2'],
    ['{{ "a', 'template: validation:1: unterminated quoted string'],
    ["{{ 'a", 'template: validation:1: unterminated character constant'],
    ['{{ `a', 'template: validation:1: unterminated raw quoted string'],
    ["{{ '' }}", 'template: validation:1: invalid syntax'],
    ['{{ "\\q" }}', 'template: validation:1: invalid syntax'],
    ['{{ (.x }}', 'template: validation:1: unclosed left paren'],
    ['{{ .x) }}', 'template: validation:1: unexpected right paren'],
    ['{{if .x}}', 'template: validation:1: unexpected EOF'],
    ['{{if}}a{{end}}', 'template: validation:1: missing value for if'],
    ['{{end}}', 'template: validation:1: unexpected {{end}}'],
    ['{{else}}', 'template: validation:1: unexpected {{else}}'],
    ['{{if .x}}{{else}}{{else}}{{end}}', 'template: validation:1: expected end; found {{else}}'],
    ['{{range $i, 5 := .x}}{{end}}', 'template: validation:1: range can only initialize variables'],
    ['{{$a, $b := .x}}', 'template: validation:1: too many declarations in command'],
    ['{{$a : .x}}', 'template: validation:1: undefined variable "$a"'],
    ['{{break}}', 'template: validation:1: {{break}} outside {{range}}'],
    ['{{define "x"}}', 'template: validation:1: unexpected EOF'],
    ['{{template .x}}', 'template: validation:1: unexpected ".x" in template clause'],
    ['{{ .x.}}', 'template: validation:1: unexpected <.> in operand'],
    ['{{ true.a }}', 'template: validation:1: unexpected . after term "true"'],
    ['{{ 089 }}', 'template: validation:1: integer overflow: "089"'],
    ['{{ 1x }}', 'template: validation:1: bad number syntax: "1x"'],
    ['{{ 99999999999999999999 }}', 'template: validation:1: integer overflow: "99999999999999999999"'],
    ['{{ .x & }}', 'template: validation:1: unexpected "&" in operand'],
    ['{{ .é☃ }}', "template: validation:1: bad character U+2603 '☃'"],
    ['{{ ☃ }}', "template: validation:1: unrecognized character in action: U+2603 '☃'"],
    ['{{/* c }}', 'template: validation:1: unclosed comment'],
    ['{{/* c */ }}', 'template: validation:1: comment ends before closing delimiter'],
    ['a\n{{ .x\n', 'template: validation:3: unclosed action started at validation:2'],
    ['{{if .x}}\n{{ .y }\n{{end}}', 'template: validation:2: unexpected "}" in operand'],
    ['{{ if .averylongfieldname-x }}', "template: validation:1: bad character U+002D '-'"],
    ['{{ averylongfunctionname }}', 'template: validation:1: function "averylongfunctionname" not defined'],
    ['{{ .x "a very long string"+ }}', 'template: validation:1: unexpected "+" in operand'],
  ])('says of %j what Go says', (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it('refuses what is nested too deep instead of running out of stack', () => {
    expect(messageOf(`{{ ${'('.repeat(5000)}.x${')'.repeat(5000)} }}`)).toContain('max expression depth exceeded');
    expect(messageOf('{{if .x}}'.repeat(5000) + '{{end}}'.repeat(5000))).toContain('max expression depth exceeded');
  });

  it('reads any text as a template or says what is wrong with it', () => {
    const parts = [
      '{{',
      '}}',
      '{{- ',
      ' -}}',
      ' ',
      '.a',
      '$x',
      ':=',
      '|',
      '(',
      ')',
      '"s"',
      "'",
      '1',
      'if',
      'end',
      'range',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string())).map((all) => all.join(''));
    fc.assert(
      fc.property(text, (template) => {
        const message = messageOf(template);
        expect(message === '' || message.startsWith('template: validation:')).toBe(true);
      }),
      { numRuns: runs() },
    );
  });

  it('takes time in proportion to the text', () => {
    const actions = (count: number) => '{{ .steps.a.output.x | json }} and '.repeat(count);
    expect([...operandsOf(parseTemplate(actions(20_000), 'long'))]).toHaveLength(40_000);
  });
});

describe('operandsOf', () => {
  it.each<[string, readonly string[]]>([
    ['{{ .a.b }}', ['a.b']],
    ['{{ json .a | printf "%s" .b }}', ['a', 'b']],
    ['{{ (index .a 0).b.c }}', ['a']],
    ['{{if eq .a .b}}{{.c}}{{else}}{{range .d}}{{.e}}{{end}}{{end}}', ['a', 'b', 'c', 'd', 'e']],
    ['{{with $x := .a}}{{$x.b}}{{end}}', ['a', '$x.b']],
    ['{{define "t"}}{{.a}}{{end}}{{block "u" .b}}{{.c}}{{end}}{{template "t" .d}}', ['a', 'b', 'c', 'd']],
  ])('finds every field of %s', (text, fields) => {
    const found = [...operandsOf(parseTemplate(text, 'test'))].flatMap((operand) =>
      operand.kind === 'field' || operand.kind === 'variable' ? operand.path.join('.') : [],
    );
    expect(found).toEqual(fields);
  });
});
