import { CaseContext } from './case-context.js';
import type { ConformanceCase, Step } from './case-format.js';
import type { Json } from './json.js';
import { Commands } from './steps/command-steps.js';
import { define, untilEstablished } from './steps/definition-steps.js';
import { runConcurrent, runRequest } from './steps/request-steps.js';
import { Watches } from './steps/watch-steps.js';
import { Webhooks } from './steps/webhook-steps.js';
import type { Target } from './target.js';
import type { WebhookServer } from './webhook-server.js';

/** How long a case may take, its clean-up apart. */
export const CASE_LIMIT_MS = 60_000;
const CLEAN_UP_LIMIT_MS = 20_000;

export interface Surroundings {
  readonly target: Target;
  readonly webhookServer: WebhookServer;
  /** CRDs in short form, by the names that cases use. */
  readonly fixtures: Readonly<Record<string, Json>>;
}

/** Thrown when a case fails: which step did, and how. */
export class CaseError extends Error {
  constructor(
    readonly step: number,
    description: string,
    options: { readonly cause: unknown },
  ) {
    const { cause } = options;
    super(`step ${String(step)}, ${description}: ${cause instanceof Error ? cause.message : String(cause)}`, options);
    this.name = 'CaseError';
  }
}

/**
 * Runs a case in a namespace and an API group of its own, and removes what it has made.
 *
 * @throws {@link CaseError} at the first step that is not as it should be.
 */
export async function runCase(one: ConformanceCase, { target, webhookServer, fixtures }: Surroundings): Promise<void> {
  const context = new CaseContext(one.id, target, AbortSignal.timeout(CASE_LIMIT_MS));
  const commands = new Commands();
  const watches = new Watches();
  const webhooks = new Webhooks(webhookServer);
  try {
    await prepare(one, context, webhooks, fixtures);
    for (const [index, step] of one.steps.entries()) {
      await runStep(step).catch((cause: unknown) => {
        throw new CaseError(index + 1, describe(step), { cause });
      });
    }
  } finally {
    watches.closeAll();
    await commands.close();
    await cleanUp(one, context);
  }

  async function runStep(step: Step): Promise<void> {
    if ('request' in step) return runRequest(context, step);
    if ('watch' in step) return watches.open(context, step);
    if ('events' in step) return watches.takeEvents(context, step);
    if ('close' in step) return watches.close(step.close);
    if ('concurrent' in step) return runConcurrent(context, step.concurrent, step.statuses);
    if ('exec' in step) return commands.run(context, step);
    if ('wait' in step) return commands.wait(context, step);
    if ('register' in step) return webhooks.register(context, step.register);
    if ('calls' in step) return webhooks.takeCalls(context, step);
    if ('define' in step) return define(context, step.define);
    if ('established' in step) return untilEstablished(context, context.fillText(step.established));
    if ('sleep' in step) return context.sleep(step.sleep);
    if ('compact' in step) return context.create('/trueup/compact', {});
    if ('fault' in step) return context.create('/trueup/faults', context.fill(step.fault));
    return context.settle();
  }
}

async function prepare(
  { namespace, webhooks: behaviours, use, crds }: ConformanceCase,
  context: CaseContext,
  webhooks: Webhooks,
  fixtures: Surroundings['fixtures'],
): Promise<void> {
  if (namespace) {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: context.namespace } };
    await context.create('/api/v1/namespaces', body);
  }
  if (behaviours) webhooks.add(context, behaviours);
  const used = use.map((name) => {
    const fixture = fixtures[name];
    if (fixture === undefined) throw new Error(`there is no fixture ${name}`);
    return fixture;
  });
  await Promise.all([...used, ...crds].map((shortForm) => define(context, shortForm)));
}

/** With time of its own: a case that took too long has left things, too. */
async function cleanUp({ id, namespace }: ConformanceCase, used: CaseContext): Promise<void> {
  const context = new CaseContext(id, used.target, AbortSignal.timeout(CLEAN_UP_LIMIT_MS));
  await used.leftovers.remove(context);
  if (namespace) await context.send('DELETE', `/api/v1/namespaces/${used.namespace}`);
}

function describe(step: Step): string {
  const [kind = '', value] = Object.entries(step)[0] ?? [];
  return typeof value === 'string' ? `${kind} ${value}` : kind;
}
