import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCondition, validateSpec, type ConditionStatus, type Kind, type KubernetesObject } from '@trueup/core';
import { Harness } from '@trueup/testing';
import { randomSpecs, runs, seed as seedOf, type RandomSpec } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import { pino } from 'pino';
import { z } from 'zod';
import application from '../../examples/operator/src/operator.js';
import { assemble } from '../../packages/core/src/operator/assembly.js';
import { sharedConfigKinds } from '../references/judged-configs.js';
import { REFERENCE_CASES } from '../references/reference-cases.js';
import { EXAMPLE_SPECS } from './example-specs.js';
import { JudgingContext } from './judging-context.js';

/** Each is an object that is made, reconciled twice and deleted: `npm run test:deep` tries ten thousand of each kind. */
const RUNS = runs(10);
/** How many objects there are at a time. */
const BATCH = 100;
const SETTLE = { timeoutMs: 30_000 };
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

interface Reconciled extends KubernetesObject {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly configHash?: string;
    readonly conditions?: readonly ConditionStatus[];
  };
}

const kinds = [...new Set(application.modules.flatMap((module) => module.kinds))];
const configs = sharedConfigKinds(application.modules);
const seed = seedOf();
/** What the operator logged as an error, by the object. */
const errors = new Map<string, string>();
/** What the API server would not take from the operator. */
const refused: string[] = [];
let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start({
    // The server lets any spec in, as it did before there was a rule against it.
    modules: application.modules.map((module) => ({ ...module, kinds: module.kinds.map(withAnySpec) })),
    register: application.register,
    controlPlane: { controllers: { workloads: false } },
    logger: pino({ level: 'error' }, { write: noteError }),
  });
  harness.operator.client.onRequest(({ verb, resource, name, status, dryRun }) => {
    if (status === 422 && !dryRun) refused.push(`${verb} ${resource.kind} ${name}`);
  });
});
afterAll(() => harness.stop());

function withAnySpec(kind: Kind): Kind {
  return { ...kind, definition: { ...kind.definition, spec: z.looseObject({}) } };
}

function noteError(line: string): void {
  const { name, error, msg } = JSON.parse(line) as { name?: string; error?: string; msg: string };
  errors.set(name ?? 'the operator', `${msg}: ${error}`);
}

function identityOf({ resource }: Pick<Kind, 'resource'>) {
  return { apiVersion: `${resource.group}/${resource.version}`, kind: resource.kind };
}

/** Good specs, those that the table of references knows among them. */
function examplesOf({ resource }: Kind): readonly object[] {
  const referring = REFERENCE_CASES.flatMap(({ from, to, names, configs: specs }) => [
    ...(from.resource === resource ? [names('a-name'), names(undefined)] : []),
    ...(to.resource === resource ? specs : []),
  ]);
  return [...referring, ...(EXAMPLE_SPECS[resource.kind] ?? [])];
}

/** Objects with these specs, brought to rest and looked at a second time; then they go. */
async function reconciled({ resource }: Kind, specs: ReadonlyMap<string, RandomSpec>): Promise<readonly Reconciled[]> {
  const { namespace, client } = harness;
  const identity = identityOf({ resource });
  const names = [...specs.keys()];
  errors.clear();
  refused.length = 0;
  try {
    await ofEach(names, (name) =>
      client.create(resource, { ...identity, metadata: { namespace, name }, spec: specs.get(name) ?? {} }),
    );
    await harness.settle(SETTLE).catch(() => undefined);
    expect({ seed, failed: failures(specs) }).toEqual({ seed, failed: [] });
    harness.forgetWrites();
    await ofEach(names, (name) =>
      client.mergePatch(resource, { namespace, name }, { metadata: { labels: { seen: 'twice' } } }),
    );
    await harness.settle(SETTLE);
    const again = harness.writes.map(({ verb, resource: { kind }, name = '' }) => `${verb} ${kind} ${name}`);
    expect({ seed, again }).toEqual({ seed, again: [] });
    return (await client.list<Reconciled>(resource, { namespace })).items;
  } finally {
    // Some may never have come to be, and what went wrong is told by another error.
    await ofEach(names, (name) => client.delete(resource, { namespace, name }).catch(() => undefined));
    await harness.settle(SETTLE);
  }
}

async function ofEach(names: readonly string[], call: (name: string) => Promise<unknown>): Promise<void> {
  await Promise.all(names.map(call));
}

/** The first that went wrong, with the spec that is to blame. */
function failures(specs: ReadonlyMap<string, RandomSpec>): readonly object[] {
  const failed = [
    ...[...errors].map(([name, error]) => ({ name, problem: error })),
    ...refused.map((request) => ({ name: /\bs\d+/.exec(request)?.[0] ?? '', problem: `refused: ${request}` })),
  ];
  return failed.slice(0, 3).map(({ name, problem }) => ({ problem, spec: specs.get(name) }));
}

/** What is wrong with what is said of an object; empty when it is true. */
function untruths(kind: Kind, spec: RandomSpec, { metadata, status = {} }: Reconciled): readonly string[] {
  const { conditions = [], observedGeneration, configHash } = status;
  const said = [
    ...(observedGeneration === metadata.generation ? [] : ['it is not told that this generation was seen']),
    ...conditions.filter(({ reason }) => !REASON.test(reason)).map(({ type }) => `${type} has a reason that is none`),
  ];
  if (!configs.includes(kind.resource)) return said;
  const valid = findCondition(conditions, 'Valid');
  const problems = validateSpec(kind, spec);
  return [
    ...said,
    ...(valid?.status === 'True' && problems.length > 0 ? ['it is Valid against its own schema'] : []),
    ...(valid?.status === 'False' && valid.message === '' ? ['it is not told what is wrong'] : []),
    ...(valid === undefined || valid.status === 'Unknown' ? ['it has no verdict'] : []),
    ...((configHash !== undefined) === (valid?.status === 'True') ? [] : ['the hash is not that of a valid spec']),
  ];
}

describe.each(judges())('the judge of a $name', ({ kind, judge }) => {
  it(
    'has a verdict for whatever is in a spec, and it is true',
    async () => {
      const context = new JudgingContext();
      const valid = fc.asyncProperty(randomSpecs(kind, { examples: examplesOf(kind) }), async (spec) => {
        const config = { ...identityOf(kind), metadata: { name: 'any', namespace: 'any', generation: 1 }, spec };
        const stated = await judge(config, context);
        const problems = validateSpec(kind, spec);
        expect(stated).toMatchObject({ kind: 'stated', reason: expect.stringMatching(REASON) });
        expect({ stated, problems }).not.toMatchObject({ stated: { status: 'True' }, problems: [expect.anything()] });
        expect(stated).not.toMatchObject({ status: 'False', message: '' });
      });
      await fc.assert(valid, { numRuns: runs(), seed });
      await context.client.close();
    },
    60_000 + 10 * runs(),
  );
});

/** The checks that make a shared config `Valid` or not. */
function judges() {
  const store = (): never => {
    throw new Error('a judge reads no other objects');
  };
  return assemble(application.modules, application.register)
    .define({ store })
    .flatMap((definition) => {
      const kind = kinds.find(({ resource }) => resource === definition.kind.resource);
      const check = definition.conditions.find(({ type }) => type === 'Valid');
      if (kind === undefined || check === undefined || !configs.includes(kind.resource)) return [];
      return [{ name: kind.resource.kind, kind, judge: check.judge.bind(check) }];
    });
}

describe.each(kinds.map((kind) => ({ name: kind.resource.kind, kind })))('an object of the kind $name', ({ kind }) => {
  it(
    'comes to rest with conditions that are true, whatever is in its spec',
    async () => {
      const specs = fc.sample(randomSpecs(kind, { examples: examplesOf(kind) }), { numRuns: RUNS, seed });
      for (let at = 0; at < specs.length; at += BATCH) {
        const batch = new Map(specs.slice(at, at + BATCH).map((spec, index) => [`s${at + index}`, spec]));
        for (const object of await reconciled(kind, batch)) {
          const spec = batch.get(object.metadata.name) ?? {};
          const untrue = untruths(kind, spec, object);
          expect({ seed, spec, conditions: object.status?.conditions, untrue }).toMatchObject({ untrue: [] });
        }
      }
    },
    60_000 + 200 * RUNS,
  );
});
