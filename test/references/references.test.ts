import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { findCondition, Operator, type ConfigObject } from '@trueup/core';
import { clusterFromToken, type RequestRecord } from '@trueup/kube';
import { MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { Harness } from '@trueup/testing';
import { pino } from 'pino';
import application from '../../examples/operator/src/operator.js';
import { assemble } from '../../packages/core/src/operator/assembly.js';
import { conditionOf, referencesBy } from '../../packages/core/src/references/config-refs.js';
import { resolveReference } from '../../packages/core/src/references/resolve-reference.js';
import { judged, sharedConfigKinds, withJudgedConfigs, type Judgement } from './judged-configs.js';
import { REFERENCE_CASES, STEADY_OIDC, type Reported, type Summary, type Words } from './reference-cases.js';
import { AdvancingClock, ReferringObjects, type Referring, type Seen } from './referring-objects.js';

// A row is about twenty objects at once, on a machine that may have much else to do.
jest.setTimeout(90_000);

const MINUTE_MS = 60_000;
const BROKEN: Words = ['Broken', 'this is why'];
const WORSE: Words = ['Worse', 'and this, too'];

const clock = new AdvancingClock();
const modules = withJudgedConfigs(application.modules);
let harness: Harness;
/** What the present test made. */
const made: ReferringObjects[] = [];
let rows = 0;

beforeAll(async () => {
  harness = await Harness.start({
    modules,
    register: application.register,
    clock,
    // Conditions of references are about no pods.
    controlPlane: { controllers: { workloads: false } },
  });
  await harness.apply({
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: MCPOIDCConfig.resource.kind,
    metadata: { name: STEADY_OIDC, annotations: judged('True') },
    spec: { type: 'kubernetesServiceAccount', kubernetesServiceAccount: {} },
  });
  await harness.settle();
});
afterAll(() => harness.stop());
afterEach(async () => {
  for (const row of made.splice(0)) await row.remove();
});

/** An object of its own for every reference, to be told apart from those of other rows. */
function aRow(): ReferringObjects {
  rows += 1;
  const all = REFERENCE_CASES.map((each, index): Referring => {
    const title = `${each.from.resource.kind} ${each.field}`;
    return { ...each, title, name: `r${rows}-${String(index).padStart(2, '0')}` };
  });
  const row = new ReferringObjects(harness, all);
  made.push(row);
  return row;
}

/** The same of every reference, by its title, so that a difference says which it is in. */
function byTitle<K extends Referring, V>(entries: Iterable<readonly [K, V]>, view: (value: V, key: K) => unknown) {
  return Object.fromEntries([...entries].map(([referring, value]) => [referring.title, view(value, referring)]));
}

type Status = 'True' | 'False' | 'Unknown';
type Said = (referring: Referring) => Words;

/** Expects of all conditions that they say this, of the generation that the objects have by now. */
async function expectConditions(
  row: ReferringObjects,
  status: Status,
  said: Said,
  { generation = 1 } = {},
): Promise<ReadonlyMap<Referring, Seen>> {
  const seen = await row.seen();
  const told = byTitle(seen, ({ condition: { lastTransitionTime: _, ...condition } = {} as never }) => condition);
  const expected = row.all.map((referring): [Referring, object] => {
    const [reason, message] = said(referring);
    const type = referring.condition + (referring.member?.(referring.name) ?? '');
    return [referring, { type, status, reason, message, observedGeneration: generation }];
  });
  expect(told).toEqual(byTitle(expected, (each) => each));
  return seen;
}

const valid: Said = ({ says, name }) => says.valid(name);
const pending: Said = ({ says, name }) => says.pending(name);
const notFound: Said = ({ says, name }) => says.notFound(name, harness.namespace);
const invalid =
  (source: Words): Said =>
  ({ says, name }) =>
    says.invalid(name, source);

const ofAll = (row: ReferringObjects, value: (referring: Referring) => unknown) =>
  byTitle(
    row.all.map((each) => [each, each] as const),
    value,
  );
const nothing = (row: ReferringObjects) => ofAll(row, () => undefined);
const ofSeen = (seen: ReadonlyMap<Referring, Seen>) => byTitle(seen, (each) => each);
const said = (seen: ReadonlyMap<Referring, Seen>) =>
  byTitle(seen, ({ condition }) => condition && [condition.status, condition.reason, condition.message]);
const withoutReference = (row: ReferringObjects) =>
  ofAll(row, ({ unreferenced }) => unreferenced && ['True', ...unreferenced]);
const hashes = (seen: ReadonlyMap<Referring, Seen>) => byTitle(seen, ({ hash }) => hash);
/** Of those that apply nothing without the config; the others may go on without it. */
const gatedChildren = (seen: ReadonlyMap<Referring, Seen>) =>
  byTitle(seen, ({ children }, { isGate }) => (isGate === false ? 'any' : children));
/** The titles of those whose condition has the same time in both. */
const sameTimes = (was: ReadonlyMap<Referring, Seen>, is: ReadonlyMap<Referring, Seen>) =>
  [...is]
    .filter(([each, { condition }]) => was.get(each)?.condition?.lastTransitionTime === condition?.lastTransitionTime)
    .map(([{ title }]) => title);

const usersOf = ({ status }: Reported) => [status?.['referencingWorkloads'], status?.['referenceCount']];
const deletionBlocked = ({ status }: Reported) => {
  const found = findCondition(status?.conditions, 'DeletionBlocked');
  return [found?.status, found?.reason, found?.message];
};
const otherConfig = ({ name }: Referring) => `${name}-other`;
const REFERRING_KINDS = new Set(REFERENCE_CASES.map(({ from }) => from.resource.kind));

const summaries = (seen: ReadonlyMap<Referring, Seen>) => byTitle(seen, ({ summary }) => summary);
/** Of those whose summary tells of references, that it says so. */
const failedWith = (row: ReferringObjects, message: (sums: Summary, name: string) => string) =>
  ofAll(row, ({ sums, name }) => sums && ['Failed', message(sums, name), message(sums, name)]);

/** The hashes that the configs have, where the referring object keeps one. */
async function configHashes(row: ReferringObjects) {
  const configs = await row.configs();
  return byTitle(configs, ({ status }, { hash }) => (hash === undefined ? undefined : status?.['configHash']));
}

/** What an operator writes that is started on what another one has brought to rest. */
async function writesOfAnotherOperator(): Promise<readonly RequestRecord[]> {
  const { controlPlane, namespace } = harness;
  if (controlPlane === undefined) return [];
  const operator = await Operator.create({
    modules,
    namespaces: [namespace],
    connection: clusterFromToken({ server: controlPlane.url, token: controlPlane.token }),
    logger: pino({ level: 'silent' }),
    clock,
  });
  const writes: RequestRecord[] = [];
  operator.client.onRequest((request) => {
    if (!['get', 'list', 'watch'].includes(request.verb)) writes.push(request);
  });
  try {
    await operator.start();
    await operator.settle();
    expect(operator.reconcileCount).toBeGreaterThanOrEqual(2 * REFERENCE_CASES.length);
    return writes;
  } finally {
    await operator.stop();
  }
}

describe('the table of references', () => {
  it('has every reference to a shared config that the operator declares', () => {
    const configs = sharedConfigKinds(application.modules);
    const declared = assemble(application.modules, application.register)
      .references.filter(({ to }) => configs.includes(to.resource))
      .map((ref) => `${ref.from.resource.kind} ${conditionOf(ref)}`);
    expect(REFERENCE_CASES.map(({ from, condition }) => `${from.resource.kind} ${condition}`).sort()).toEqual(
      declared.sort(),
    );
  });
});

describe('the condition of every reference', () => {
  it('is absent without a reference, or says that there is none; says NotFound, awaits the first verdict, and is True from then on without a write', async () => {
    const row = aRow();
    await row.refer({ to: () => undefined });
    expect(said(await row.seen())).toEqual(withoutReference(row));
    await row.refer();
    const missing = await expectConditions(row, 'False', notFound, { generation: 2 });
    expect(hashes(missing)).toEqual(nothing(row));
    expect(summaries(missing)).toEqual(failedWith(row, (sums, name) => sums.notFound(name, harness.namespace)));
    await row.judge('none');
    expect(hashes(await expectConditions(row, 'Unknown', pending, { generation: 2 }))).toEqual(nothing(row));
    await row.judge('True');
    const seen = await expectConditions(row, 'True', valid, { generation: 2 });
    expect(hashes(seen)).toEqual(await configHashes(row));
    expect(byTitle(await row.configs(), usersOf)).toEqual(
      ofAll(row, ({ from, name }) => [[{ kind: from.resource.kind, name }], 1]),
    );

    harness.forgetWrites();
    await row.label('to', { touched: 'yes' });
    await row.label('from', { touched: 'yes' });
    expect(harness.writes).toEqual([]);
    expect(await writesOfAnotherOperator()).toEqual([]);
  });

  it('awaits the verdict on the config as it is now, follows it with a time that moves with the status alone, and heals', async () => {
    const row = aRow();
    await row.judge('True');
    await row.judge('unchanged', { spec: 1 });
    await row.refer();
    const awaited = await expectConditions(row, 'Unknown', pending);
    expect(hashes(awaited)).toEqual(nothing(row));
    clock.advance(MINUTE_MS);
    await row.judge('True', { spec: 1 });
    const asValid = await expectConditions(row, 'True', valid);
    expect(sameTimes(awaited, asValid)).toEqual([]);

    clock.advance(MINUTE_MS);
    await row.judge(BROKEN, { spec: 1 });
    const asBroken = await expectConditions(row, 'False', invalid(BROKEN));
    expect(sameTimes(asValid, asBroken)).toEqual([]);
    expect(summaries(asBroken)).toEqual(failedWith(row, (sums, name) => sums.invalid(name, harness.namespace, BROKEN)));
    clock.advance(MINUTE_MS);
    await row.judge(WORSE, { spec: 1 });
    await row.refer({ isEdited: true });
    const asWorse = await expectConditions(row, 'False', invalid(WORSE), { generation: 2 });
    expect(sameTimes(asBroken, asWorse)).toEqual(row.all.map(({ title }) => title));
    expect([hashes(asWorse), gatedChildren(asWorse)]).toEqual([hashes(asValid), gatedChildren(asValid)]);

    await row.judge('none', { spec: 1 });
    await expectConditions(row, 'Unknown', pending, { generation: 2 });
    await row.judge('True', { spec: 1 });
    const healed = await expectConditions(row, 'True', valid, { generation: 2 });
    expect(sameTimes(asBroken, healed)).toEqual([]);
  });

  it.each<Judgement>(['True', BROKEN])(
    'stays as it is while an edit of a config that is %j is not judged',
    async (was) => {
      const row = aRow();
      await row.judge(was);
      await row.refer();
      const before = await row.seen();
      await row.judge('unchanged', { spec: 1 });
      harness.forgetWrites();
      await row.label('from', { touched: 'yes' });
      expect(ofSeen(await row.seen())).toEqual(ofSeen(before));
      expect(harness.writes).toEqual([]);

      await row.judge('True', { spec: 1 });
      const after = await expectConditions(row, 'True', valid);
      expect(hashes(after)).toEqual(await configHashes(row));
      const same = row.all.filter(
        (each) => each.hash !== undefined && after.get(each)?.hash === before.get(each)?.hash,
      );
      expect(same).toEqual([]);
    },
  );

  it('says NotFound of a config deleted by force, leaves what runs alone, and heals without a rollout', async () => {
    const row = aRow();
    await row.judge('True');
    await row.refer();
    const before = await row.seen();
    await row.judge(BROKEN);
    const broken = await expectConditions(row, 'False', invalid(BROKEN));
    await row.deleteConfigsByForce();
    const gone = await expectConditions(row, 'False', notFound);
    await row.judge('True');
    const healed = await expectConditions(row, 'True', valid);
    for (const after of [broken, gone, healed]) {
      expect([hashes(after), gatedChildren(after)]).toEqual([hashes(before), gatedChildren(before)]);
    }
  });

  it('is about the config that is named now, and goes with the reference, whatever became of the config', async () => {
    const row = aRow();
    await row.judge(BROKEN);
    await row.judge('True', { of: otherConfig });
    await row.refer();
    await row.refer({ to: otherConfig });
    await expectConditions(row.naming(otherConfig), 'True', (each) => each.says.valid(otherConfig(each)), {
      generation: 2,
    });
    expect(byTitle(await row.configs(), usersOf)).toEqual(ofAll(row, () => [undefined, 0]));
    harness.forgetWrites();
    await row.judge(WORSE);
    expect(harness.writes.filter(({ resource }) => REFERRING_KINDS.has(resource.kind))).toEqual([]);

    await row.judge(BROKEN, { of: otherConfig });
    await row.refer({ to: () => undefined });
    const seen = await row.seen();
    expect([said(seen), hashes(seen)]).toEqual([withoutReference(row), nothing(row)]);
  });

  it.each([
    { freed: 'the reference goes', free: (row: ReferringObjects) => row.refer({ to: () => undefined }) },
    { freed: 'its last user goes', free: (row: ReferringObjects) => row.delete('from') },
  ])('stays True while the config is kept from going, which it does as soon as $freed', async ({ free }) => {
    const row = aRow();
    await row.judge('True');
    await row.refer();
    const before = await row.seen();
    await row.delete('to');
    expect(byTitle(await row.configs(), deletionBlocked)).toEqual(
      ofAll(row, ({ from, name }) => [
        'True',
        'ReferencedByWorkloads',
        `Cannot delete: referenced by workloads: [{${from.resource.kind} ${name}}]`,
      ]),
    );
    expect(ofSeen(await row.seen())).toEqual(ofSeen(before));
    await free(row);
    expect([...(await row.configs()).keys()].map(({ title }) => title)).toEqual([]);
  });
});

describe('an object with every reference its kind has', () => {
  it.each([...REFERRING_KINDS])('has a condition for each, whatever is said of the others: %s', async (kind) => {
    const cases = REFERENCE_CASES.filter(({ from }) => from.resource.kind === kind);
    const name = `all-of-${kind.toLowerCase()}`;
    await harness.apply({
      apiVersion: 'toolhive.stacklok.dev/v1beta1',
      kind,
      metadata: { name },
      spec: cases.reduce((spec, { names }) => merged(spec, names('nowhere')), {}),
    });
    await harness.settle();
    const [from] = cases.map((each) => each.from);
    const conditions = from === undefined ? [] : ((await harness.require(from, name)).status?.conditions ?? []);
    for (const { condition, member, says } of cases) {
      const [reason, message] = says.notFound('nowhere', harness.namespace);
      const type = condition + (member?.('nowhere') ?? '');
      expect(conditions).toContainEqual(expect.objectContaining({ type, status: 'False', reason, message }));
    }
  });
});

/** One spec that says what both say. */
function merged(one: object, other: object): object {
  const both = Object.entries(other).map(([field, value]: [string, unknown]) => {
    const own: unknown = Reflect.get(one, field);
    return [field, isObject(own) && isObject(value) ? merged(own, value) : value];
  });
  return { ...one, ...Object.fromEntries(both) };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

describe('every declared reference', () => {
  const declared = assemble(application.modules, application.register).references;
  const resolved = (config: (name: string) => ConfigObject | undefined) =>
    REFERENCE_CASES.map(({ from, names, condition }) => {
      const ref = declared.find((each) => each.from.resource === from.resource && conditionOf(each) === condition);
      const consumer = {
        apiVersion: 'v1',
        kind: 'Any',
        metadata: { name: 'user', namespace: 'here' },
        spec: names('c'),
      };
      const [member] = ref === undefined ? [] : referencesBy(ref, consumer);
      return (
        member &&
        resolveReference(member, consumer, {
          get: ({ namespace, name }) => (namespace === 'here' ? config(name) : undefined),
        })
      );
    });
  const aConfig = (reason: string): ConfigObject => ({
    apiVersion: 'v1',
    kind: 'Any',
    metadata: { name: 'c', namespace: 'here', generation: 1 },
    spec: {},
    status: {
      conditions: [
        { type: 'Valid', status: 'False', reason, message: 'm', observedGeneration: 1, lastTransitionTime: '' },
      ],
    },
  });

  it('has a reason for a config that is invalid without saying why, since the server takes no empty one', () => {
    const unreasoned = resolved(() => aConfig(''));
    expect(unreasoned).toHaveLength(REFERENCE_CASES.length);
    for (const one of unreasoned)
      expect(one).toMatchObject({ verdict: { status: 'False', reason: expect.stringMatching(/./) } });
    const mirrored = unreasoned.filter((_, at) => REFERENCE_CASES[at]?.to.resource.kind === 'MCPExternalAuthConfig');
    for (const one of mirrored) expect(one).toMatchObject({ verdict: { reason: 'InvalidExternalAuthConfig' } });
  });

  it('is to a config in the same namespace', () => {
    const asked: string[] = [];
    resolved((name) => {
      asked.push(name);
      return undefined;
    });
    expect(asked).toEqual(REFERENCE_CASES.map(() => 'c'));
  });
});
