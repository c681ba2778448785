import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCaseFiles, readFixtures, type ConformanceCase } from './case-format.js';
import { embeddedTarget, KNOWN_EXCEPTIONS } from './embedded-target.js';
import { CASE_LIMIT_MS, runCase, type Surroundings } from './run-case.js';
import { FEATURES, hasKubectl, kubeconfigTarget, OWN_FEATURES } from './target.js';
import { WebhookServer } from './webhook-server.js';

/** Most of a case is waiting. */
const CASES_AT_A_TIME = 12;
const SUITE_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = CASE_LIMIT_MS + 30_000;
/** Long enough for the caches of a kube-apiserver. */
const DEFAULT_SETTLE_MS = 800;

// Not KUBECONFIG itself: nobody's cluster should be filled with test objects because it is set in a shell.
const kubeconfig = process.env['CONFORMANCE_KUBECONFIG'];
const settleMs = Number(process.env['CONFORMANCE_SETTLE_MS'] ?? DEFAULT_SETTLE_MS);
const declared = list(process.env['CONFORMANCE_FEATURES']);
const only = list(process.env['CONFORMANCE_ONLY']);

const exceptions = kubeconfig === undefined ? KNOWN_EXCEPTIONS : {};
const features = new Set<string>([...declared, ...(declared.includes('all') ? FEATURES : [])]);
if (kubeconfig === undefined) for (const feature of [...FEATURES, ...OWN_FEATURES]) features.add(feature);
if (hasKubectl()) features.add('kubectl');

const folder = import.meta.dirname;
const files = readCaseFiles(path.join(folder, 'cases'))
  .map(({ name, cases }) => ({ name, cases: cases.filter((one) => isChosen(one, name)).filter(isPossible) }))
  .filter(({ cases }) => cases.length > 0);
const outcomes = new Map<ConformanceCase, PromiseSettledResult<void>>();
let surroundings: Surroundings;

beforeAll(async () => {
  surroundings = {
    target: await (kubeconfig === undefined ? embeddedTarget() : kubeconfigTarget(kubeconfig, settleMs)),
    webhookServer: await WebhookServer.start(),
    fixtures: readFixtures(path.join(folder, 'fixtures.yaml')),
  };
  // All at once, here, and not by it.concurrent: while others of these end, Jest forbids a case in the same process,
  // and so the control plane, to load a module.
  const queue = files
    .flatMap(({ cases }) => cases)
    .filter((one) => one.parallel)
    .values();
  const work = async (): Promise<void> => {
    for (const one of queue) await run(one);
  };
  await Promise.all(Array.from({ length: CASES_AT_A_TIME }, work));
}, SUITE_TIMEOUT_MS);

afterAll(async () => {
  await surroundings.webhookServer[Symbol.asyncDispose]();
  await surroundings.target[Symbol.asyncDispose]();
});

describe.each(files)('$name', ({ cases }) => {
  const excepted = cases.filter(isExcepted);
  const others = cases.filter((one) => !isExcepted(one));
  if (others.length > 0) it.each(others)('$id $title', expectToPass, TEST_TIMEOUT_MS);
  if (excepted.length > 0) it.failing.each(excepted)('$id $title', expectToPass, TEST_TIMEOUT_MS);
});

async function expectToPass(one: ConformanceCase): Promise<void> {
  expect(outcomes.get(one) ?? (await run(one))).toEqual({ status: 'fulfilled', value: undefined });
}

async function run(one: ConformanceCase): Promise<PromiseSettledResult<void>> {
  const [outcome] = await Promise.allSettled([runCase(one, surroundings)]);
  outcomes.set(one, outcome);
  return outcome;
}

function isChosen({ id }: ConformanceCase, file: string): boolean {
  return only.length === 0 || only.some((name) => name === id || file.startsWith(name));
}

function isExcepted({ id }: ConformanceCase): boolean {
  return Object.hasOwn(exceptions, id);
}

/** A case that needs what its server cannot do is skipped, with a line. */
function isPossible({ id, title, features: needed }: ConformanceCase): boolean {
  const lacking = needed.filter((feature) => !features.has(feature));
  if (lacking.length > 0) process.stderr.write(`skipped: ${id} ${title} (needs ${lacking.join(', ')})\n`);
  return lacking.length === 0;
}

function list(text = ''): string[] {
  return text.split(',').filter((item) => item !== '');
}
