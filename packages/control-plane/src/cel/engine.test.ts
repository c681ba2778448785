import { describe, expect, it } from '@jest/globals';
import type { Schema } from '../schema/schema.js';
import { CelCompileError, CelConstantError, CelError, CostLimitError } from './cel-error.js';
import { Budget, RULE_COST_LIMIT } from './cost.js';
import { celEngine } from './engine.js';
import { schemaType } from './schema-type.js';
import { schemaValue } from './schema-value.js';
import { DYN } from './types.js';
import { printValue } from './values.js';

const text: Schema = { type: 'string' };
const schema: Schema = {
  type: 'object',
  properties: {
    s: text,
    i: { type: 'integer' },
    d: { type: 'number' },
    b: { type: 'boolean' },
    l: { type: 'array', items: { type: 'integer' } },
    ls: { type: 'array', items: text },
    m: { type: 'object', additionalProperties: { type: 'integer' } },
    o: { type: 'object', properties: { a: text, 'x-y': text, namespace: text, a__b: text } },
    ts: { type: 'string', format: 'date-time' },
    du: { type: 'string', format: 'duration' },
    by: { type: 'string', format: 'byte' },
    ios: { 'x-kubernetes-int-or-string': true },
    n: { type: 'string', nullable: true },
    set: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    ml: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: text, v: { type: 'integer' } } },
    },
  },
};
const value = {
  s: 'héllo wörld',
  i: 7,
  d: 2.5,
  b: true,
  l: [3, 1, 2],
  ls: ['b', 'a', 'b'],
  m: { x: 1, 'y.z': 2 },
  o: { a: 'A', 'x-y': 'xy', namespace: 'ns', a__b: 'ab' },
  ts: '2024-02-29T12:34:56.789Z',
  du: '1h30m0.5s',
  by: 'aGk=',
  ios: '50%',
  n: null,
  set: ['p', 'q'],
  ml: [{ k: 'a', v: 1 }],
};

/** The value of an expression, printed by CEL itself; errors as their message. */
function result(expression: string): string {
  try {
    const program = celEngine.compile(`"%s".format([${expression}])`, { self: schemaType(schema, false)?.type ?? DYN });
    return printValue(program.evaluate([schemaValue(value, schema)], new Budget(RULE_COST_LIMIT)));
  } catch (error) {
    if (error instanceof CelError || error instanceof CelConstantError) {
      return `error: ${error.message}`;
    }
    throw error;
  }
}

describe('celEngine', () => {
  // What kube-apiserver 1.34 answers; each line was compared with a server made of its libraries.
  it.each([
    ['fields', 'self.o.x__dash__y + self.o.__namespace__ + self.o.a__underscores__b', 'xynsab'],
    ['whole numbers as int', 'self.i + 1', '8'],
    ['fractions as double', 'self.d + 1.0', '3.5'],
    ['numbers of mixed types in order', 'self.i < 7.5 && self.d > 2', 'true'],
    ['division towards zero', '-self.i / 2', '-3'],
    ['overflow', '9223372036854775807 + self.i', 'error: integer overflow'],
    ['division by zero', 'self.i / 0', 'error: division by zero'],
    ['missing keys', 'self.m.q', 'error: no such key: q'],
    ['missing elements', 'self.l[5]', 'error: index out of bounds: 5'],
    ['durations of the schema', 'self.du - duration("1h")', '1800.5s'],
    ['timestamps of the schema', 'self.ts.getFullYear() + self.ts.getDayOfYear()', '2083'],
    ['time zones', 'self.ts.getHours("America/New_York")', '7'],
    ['bytes of the schema', 'self.by == b"hi"', 'true'],
    ['int-or-string', 'type(self.ios) == string && self.ios.endsWith("%")', 'true'],
    ['a comparison of the wrong kind at run time', 'self.ios > 3', 'error: no such overload'],
    ['null as absent', 'has(self.n)', 'false'],
    ['conversions', 'int("12") + int(2.9) + int(self.b ? "1" : "0")', '15'],
    ['conversions that fail', 'int(self.s)', `error: type conversion error from 'string' to 'int'`],
    ['doubles as text', 'string(100000000.0)', '1e+08'],

    ['an error that && need not look at', 'self.l[9] == 1 && false', 'false'],
    ['an error that || needs', 'self.l[9] == 1 || false', 'error: index out of bounds: 9'],
    ['an error in all() that does not matter', 'self.l.all(x, self.l[x] == 1)', 'false'],
    ['exists_one', 'self.l.exists_one(x, x > 2)', 'true'],
    ['map and filter', 'self.l.filter(x, x > 1).map(x, x * 2)', '[6, 4]'],
    ['nested macros', 'self.l.map(x, self.l.map(y, x + y))', '[[6, 4, 5], [4, 2, 3], [5, 3, 4]]'],
    ['two variables', 'self.l.transformList(i, v, i > 0, i + v)', '[2, 4]'],
    ['transformMap', 'self.m.transformMap(k, v, v > 1, v + 1)', '{"y.z":3}'],
    ['exists with key and value', 'self.m.exists(k, v, k == "x" && v == 1)', 'true'],

    ['optional fields', 'self.?o.?a.orValue("z") + self.?n.orValue("z")', 'Az'],
    ['optional elements', 'self.m[?"q"].orValue(9)', '9'],
    ['optMap', 'self.m.?x.optMap(v, v + 1).orValue(0)', '2'],
    ['an optional without value', 'self.l[?9].value()', 'error: optional.none() dereference'],

    ['strings by characters', 'self.s.charAt(1) + self.s.substring(6, 8)', 'éwö'],
    ['indexOf', '[self.s.indexOf("ö"), self.s.indexOf("l", 4), self.s.lastIndexOf("l")]', '[7, 9, 9]'],
    ['replace with a limit', 'self.s.replace("l", "L", 2)', 'héLLo wörld'],
    ['split and join', '"a,b,c,d".split(",", 2).join("|")', 'a|b,c,d'],
    ['format', '"%d %.2f %e %x %s".format([1, 2.5, 12345.678, 255, ["a"]])', '1 2.50 1.234568×10⁰⁴ ff ["a"]'],
    ['patterns of RE2', 'self.s.matches("^[[:alpha:]é]+ .*$") && self.s.find("w.") == "wö"', 'true'],
    ['findAll', 'self.s.findAll("l", 2)', '["l", "l"]'],

    ['sums and extremes', '[self.l.sum(), self.l.min(), self.l.max()]', '[6, 1, 3]'],
    ['isSorted and indexOf of lists', '[self.l.isSorted() ? 1 : 0, self.l.indexOf(2)]', '[0, 2]'],
    ['sets', 'sets.contains(self.l, [1]) && !sets.intersects(self.ls, ["z"])', 'true'],
    ['lists of type set', 'self.set == ["q", "p"] && self.set + ["q"] == self.set', 'true'],
    ['lists of type map', 'self.ml + self.ml == self.ml', 'true'],

    ['URLs', 'url("https://h:8443/a%20b?q=1&q=2").getQuery()', '{"q":["1", "2"]}'],
    ['what is no URL', 'isURL("../x")', 'false'],
    ['quantities', 'quantity("1Gi").compareTo(quantity("1024Mi"))', '0'],
    ['sums of quantities', 'quantity("1500m").add(2).isGreaterThan(quantity("3"))', 'true'],
    ['IP addresses', 'string(ip("2001:DB8:0:0::1")) + string(ip("::1").isLoopback())', '2001:db8::1true'],
    ['networks', 'cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16")', 'true'],
    ['named formats', 'format.dns1123Label().validate("a").hasValue()', 'false'],
    ['versions', 'semver("1.0.0-alpha").compareTo(semver("1.0.0-alpha.1"))', '-1'],
  ])('evaluates %s', (_, expression, expected) => {
    expect(result(expression)).toBe(expected);
  });

  it.each([
    ['self.nope', `undefined field 'nope'`],
    ['has(self.nope)', `undefined field 'nope'`],
    ['foo', `undeclared reference to 'foo' (in container '')`],
    ['self.s == 1', `found no matching overload for '_==_' applied to '(string, int)'`],
    ['self.s.foo()', `undeclared reference to 'foo' (in container '')`],
    ['self.i.contains("a")', `found no matching overload for 'contains' applied to 'int.(string)'`],
    [
      'self.i.all(x, true)',
      `expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)`,
    ],
    ['[1, "a"]', `expected type 'int' but found 'string'`],
    ['self.s.matches("[")', 'invalid matches argument'],
    ['duration("1d")', 'invalid duration argument'],
    ['"%d".format(["a"])', 'error during formatting: decimal clause can only be used on integers, was given string'],
    ['"%s %s".format([1])', 'index 1 out of range'],
    ['self.l.sort()', `undeclared reference to 'sort' (in container '')`],
    ['self.s.reverse()', `undeclared reference to 'reverse' (in container '')`],
    ['cel.bind(x, 1, x)', `undeclared reference to 'cel' (in container '')`],
    ['self.', 'Syntax error'],
  ])('refuses %s before it runs', (expression, problem) => {
    const compile = () => celEngine.compile(expression, { self: schemaType(schema, false)?.type ?? DYN });

    expect(compile).toThrow(CelCompileError);
    expect(compile).toThrow(problem);
  });

  it('refuses conversions that can only fail', () => {
    expect(() => celEngine.compile('int("x") == 1', {})).toThrow(CelConstantError);
  });

  it('shows where an expression is wrong', () => {
    expect(() => celEngine.compile('true &&\n  foo', {})).toThrow(
      `ERROR: <input>:2:3: undeclared reference to 'foo' (in container '')\n |   foo\n | ..^`,
    );
  });

  it('ends an expression that costs too much, whatever || would make of its error', () => {
    const list = Array.from({ length: 400 }, (_, position) => position);
    const type = schemaType(schema, false)?.type ?? DYN;
    const program = celEngine.compile('self.l.all(a, self.l.all(b, self.l.all(c, a + b + c >= 0))) || true', {
      self: type,
    });

    expect(() => program.evaluate([schemaValue({ l: list }, schema)], new Budget(RULE_COST_LIMIT))).toThrow(
      CostLimitError,
    );
  });

  it('is not slowed down by patterns', () => {
    const program = celEngine.compile('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("^(a+)+$")', {});

    expect(program.evaluate([], new Budget(RULE_COST_LIMIT))).toBe(false);
  });

  it('knows which variables an expression names', () => {
    const program = celEngine.compile('a > 1 || true', { a: DYN, b: DYN });

    expect([program.uses('a'), program.uses('b')]).toEqual([true, false]);
  });

  it.each([
    { name: 'doubles a list forty times', expression: `[[0]]${'.map(x, x + x)'.repeat(40)}[0].size() > 0` },
    { name: 'doubles a text forty times', expression: `["aaaaaaaa"]${'.map(x, x + x)'.repeat(40)}[0].size() > 0` },
    { name: 'blows a text up', expression: `"a"${`.replace("", "${'a'.repeat(300)}")`.repeat(4)}.size() > 0` },
    { name: 'joins with a long text', expression: `"${'a'.repeat(9000)}".split("").join("${'b'.repeat(9000)}") == ""` },
    { name: 'formats with a thousand digits', expression: '"%.1000f".format([1.5]) == ""' },
  ])('ends an expression that $name', ({ expression }) => {
    const program = celEngine.compile(expression, {});

    expect(() => program.evaluate([], new Budget(RULE_COST_LIMIT))).toThrow(CelError);
  });

  it('refuses an expression with too many terms to look through', () => {
    expect(() => celEngine.compile(`${'1+'.repeat(40_000)}1`, {})).toThrow(CelCompileError);
  });
});
