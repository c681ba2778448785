import { describe, expect, it } from '@jest/globals';
import type * as cedarWasm from '@cedar-policy/cedar-wasm/nodejs';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';
import { CedarParser } from './cedar-parser.js';

const PERMIT = 'permit(principal, action, resource);';
const nested = (levels: number) => PERMIT.replace(';', ` when { ${'('.repeat(levels)}true${')'.repeat(levels)} };`);

/** What `require` gives after its cache was cleared; Jest's `require` never clears its own. */
function freshCedar(): typeof cedarWasm {
  const require = createRequire(import.meta.url);
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs');
  const exports: Partial<typeof cedarWasm> = {};
  const run = compileFunction(readFileSync(path, 'utf8'), ['exports', 'require', '__dirname']);
  Reflect.apply(run, undefined, [exports, require, dirname(path)]);
  return exports as typeof cedarWasm;
}

const parser = new CedarParser();
const problemIn = async (policies: readonly string[], entities = '') => {
  const finding = await parser.parse(policies, entities);
  return finding.state === 'unsound' ? finding.problem : finding.state;
};

describe('CedarParser', () => {
  it.each([
    [PERMIT],
    ['forbid(principal, action == Action::"call_tool", resource) unless { resource.readOnlyHint };'],
    ['@id("team") permit(principal in THVGroup::"team", action, resource) when { context.arg_x like "a*" };'],
    [PERMIT.replace(';', ' when { 1 < 2 && ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) };')],
  ])('takes %s', async (policy) => {
    expect(await problemIn([policy])).toBe('sound');
  });

  it.each([
    ['a policy that ends too early', 'permit(oops', 'unexpected end of input at byte 11'],
    ['an empty text', '', 'unexpected end of input'],
    ['a comment alone', '// permit', 'unexpected end of input'],
    ['two policies in one text', `${PERMIT} ${PERMIT}`, 'unexpected token `permit`'],
    ['a template', 'permit(principal == ?principal, action, resource);', 'expected a static policy, got a template'],
    ['an unknown function', PERMIT.replace(';', ' when { foo(1) };'), '`foo` is not a valid function'],
  ])('names the index of %s', async (_, policy, problem) => {
    expect(await problemIn([PERMIT, policy])).toContain(`cedar policy at index 1 has invalid syntax: ${problem}`);
  });

  const uid = { type: 'THVGroup', id: 'team' };
  it.each([
    ['no entities', '[]'],
    ['an entity', JSON.stringify([{ uid, attrs: { level: 3 }, parents: [{ type: 'THVGroup', id: 'all' }] }])],
    ['an entity without attributes and parents', JSON.stringify([{ uid }])],
    ['the largest integer', `[{"uid": ${JSON.stringify(uid)}, "attrs": {"limit": 9223372036854775807}}]`],
  ])('takes %s', async (_, entities) => {
    expect(await problemIn([PERMIT], entities)).toBe('sound');
  });

  it.each([
    ['what is no JSON', 'not json', 'is not valid JSON'],
    ['what is no list', '{}', 'expected a list of entities'],
    ['what is no entity', '[1]', 'missing field `uid`'],
    ['an entity without a type', '[{"uid": {"id": "x"}}]', 'uid'],
    ['a null attribute', `[{"uid": ${JSON.stringify(uid)}, "attrs": {"a": null}}]`, '`null`'],
    ['a number that is too large', `[{"uid": ${JSON.stringify(uid)}, "attrs": {"a": 1e300}}]`, 'error during entity'],
    [
      'a cycle',
      JSON.stringify([
        { uid, parents: [{ type: 'A', id: 'a' }] },
        { uid: { type: 'A', id: 'a' }, parents: [uid] },
      ]),
      'cycle',
    ],
  ])('refuses %s', async (_, entities, problem) => {
    expect(await problemIn([PERMIT], entities)).toMatch(/^entities_json is not valid: /);
    expect(await problemIn([PERMIT], entities)).toContain(problem);
  });

  it('survives a policy that exhausts the parser: the next one gets an instance of its own', async () => {
    let loaded = 0;
    const hardy = new CedarParser(async () => {
      loaded += 1;
      return freshCedar();
    });
    const tooDeep = 'cedar policy at index 1 has invalid syntax: it is nested too deeply';

    expect(await hardy.parse([PERMIT, nested(2_000)], '')).toEqual({ state: 'unsound', problem: tooDeep });
    expect(await hardy.parse([PERMIT, nested(20)], '[]')).toEqual({ state: 'sound' });
    expect(await hardy.parse(['permit(oops'], '')).toMatchObject({ state: 'unsound' });
    expect(loaded).toBe(2);
  });

  it('judges what it is asked at the same time as that by the next instance, too', async () => {
    const hardy = new CedarParser(async () => freshCedar());
    const findings = await Promise.all(
      [nested(2_000), PERMIT, nested(20)].map((policy) => hardy.parse([policy], '[]')),
    );
    expect(findings.map(({ state }) => state)).toEqual(['unsound', 'sound', 'sound']);
  });

  it('tries again when it could not be loaded', async () => {
    const loads = [Promise.reject(new Error('EMFILE: too many open files')), Promise.resolve(undefined)];
    const unlucky = new CedarParser(() => loads.shift() ?? Promise.resolve(undefined));
    await expect(unlucky.parse([PERMIT], '')).rejects.toThrow('EMFILE');
    expect(await unlucky.parse([PERMIT], '')).toEqual({ state: 'unchecked' });
  });

  it('finds a text unsound that is none', async () => {
    expect(await new CedarParser().parse(['permit(principal, action, resource); // \ud800'], '')).toMatchObject({
      state: 'unsound',
      problem: expect.stringMatching(/^cedar policy at index 0 has invalid syntax: ./),
    });
  });

  it('says that it looked at nothing where the package is not installed', async () => {
    expect(await new CedarParser(async () => undefined).parse(['permit(oops'], 'not json')).toEqual({
      state: 'unchecked',
    });
  });
});
