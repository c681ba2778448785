import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '../control-plane.js';
import { aWidget, aWidgetDefinition, PlainClient } from '../control-plane.test-support.js';

const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';

/** JSON of objects in one another. */
function nested(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

describe('a body', () => {
  let controlPlane: ControlPlane;
  let client: PlainClient;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    client = new PlainClient(controlPlane);
    await client.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', aWidgetDefinition());
    await controlPlane.settle();
    await client.post(WIDGETS, aWidget('deep'));
  });

  afterAll(() => controlPlane.stop());

  it.each([
    ['JSON', 'application/json'],
    ['YAML', 'application/yaml'],
  ])('of %s that is nested 10,000 levels deep is a bad request', async (_, type) => {
    const answer = await client.post(WIDGETS, nested(10_000), { 'Content-Type': type });

    expect(answer).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
    expect(answer.body.message).toMatch(/exceeded max ?depth/i);
  });

  it.each(['merge', 'apply'] as const)('of a %s patch that is nested 10,000 levels deep is one, too', async (type) => {
    const answer = await client.patch(`${WIDGETS}/deep?fieldManager=m`, type, nested(10_000));

    expect(answer).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
  });

  it('may be as deep as 450 levels, in every kind of write', async () => {
    const status = JSON.parse(nested(450)) as unknown;
    const object = { ...aWidget('deep'), status };

    const merged = await client.patch(`${WIDGETS}/deep/status`, 'merge', { status });
    const replaced = await client.put(`${WIDGETS}/deep/status`, merged.body);
    const applied = await client.patch(`${WIDGETS}/deep/status?fieldManager=m&force=true`, 'apply', object);
    const copied = await client.patch(`${WIDGETS}/deep/status`, 'json', [
      { op: 'copy', from: '/status/a', path: '/status/a/a/a/a/b' },
    ]);

    expect([merged, replaced, applied, copied].map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(JSON.stringify(applied.body['status'])).toBe(nested(450));
  });

  it('whose patch copies an object ever deeper into itself is refused in the end', async () => {
    await client.post(WIDGETS, aWidget('copied'));
    await client.patch(`${WIDGETS}/copied/status`, 'merge', { status: JSON.parse(nested(450)) as unknown });
    const path = '/status/'.concat('a/'.repeat(449), 'b');

    const answer = await client.patch(`${WIDGETS}/copied/status`, 'json', [
      { op: 'replace', path: '/status'.concat('/a'.repeat(450)), value: {} },
      { op: 'copy', from: '/status', path },
    ]);

    expect(answer).toMatchObject({ status: 400, body: { message: 'error decoding patch: exceeded max depth' } });
  });
});
