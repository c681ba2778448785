import type { KubernetesObject } from '@trueup/kube';
import { findCondition, type Condition } from '../conditions/condition.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import type { SharedConfigOptions } from '../decorators/shared-config.js';
import type { Context } from '../engine/context.js';
import {
  conditionChecksOf,
  controllerName,
  deadlineOf,
  declaredWatchesOf,
  DEFAULT_CONCURRENCY,
  finalizerName,
} from '../engine/define-controller.js';
import type { ConditionCheck, ControllerDefinition } from '../engine/definition.js';
import { done, requeueAfter, type Outcome } from '../engine/outcome.js';
import type { KindOf } from '../kind/kind.js';
import type { ConfigObject } from '../references/config-ref.js';
import { ownedKindsOf } from '../metadata.js';
import type { Constructor } from '../operator/module.js';
import { configHash } from './config-hash.js';
import type { ReferencingWorkload, ReferencingWorkloads } from '../references/referencing-workloads.js';

/** The condition that says whether a config can be used; the judge of a shared config must state it. */
export const VALID = 'Valid';
const DELETION_BLOCKED = 'DeletionBlocked';

/** More would make the object large and every change of a user a write; the count is always whole. */
const MAX_LISTED_WORKLOADS = 100;
/** The watches free a blocked config at once; this is for what they may have missed. */
const BLOCKED_RECHECK_MS = 30_000;

/** The definition of the controller of a shared config: the author's checks and everything the pattern adds. */
export function sharedConfigDefinition(
  judge: object,
  kind: KindOf,
  options: SharedConfigOptions,
  users: ReferencingWorkloads,
): ControllerDefinition {
  const target = judge.constructor as Constructor;
  const liveUsers = (config: KubernetesObject, ctx: Context) =>
    ctx.once('referencing workloads', () => users.live(config.metadata, ctx.client));
  return {
    name: options.name ?? controllerName(kind),
    kind,
    finalizer: options.finalizer ?? finalizerName(kind),
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    ...deadlineOf(options),
    references: [],
    owns: ownedKindsOf(target),
    watches: [...declaredWatchesOf(target), ...users.watches],
    users,
    conditions: [...conditionChecksOf(judge).map(withEvents), deletionBlocked(liveUsers)],
    status: (config, ctx) => statusOf(config as ConfigObject, ctx, options),
    finalize: async (config, ctx): Promise<Outcome> =>
      (await liveUsers(config, ctx)).length > 0 ? requeueAfter(BLOCKED_RECHECK_MS) : done,
  };
}

function withEvents(check: ConditionCheck): ConditionCheck {
  if (check.type !== VALID || check.event !== undefined) return check;
  return {
    ...check,
    event: {
      onFalse: {
        reason: 'ConfigInvalid',
        action: 'Validate',
        note: ({ message }) => `spec validation failed: ${message}`,
      },
      onRecovered: { reason: 'ConfigValid', action: 'Validate', note: () => 'spec validation passed' },
    },
  };
}

function deletionBlocked(
  liveUsers: (config: KubernetesObject, ctx: Context) => Promise<readonly ReferencingWorkload[]>,
): ConditionCheck {
  return {
    type: DELETION_BLOCKED,
    isFamily: false,
    observes: [],
    event: {
      onTrue: {
        type: 'Warning',
        reason: DELETION_BLOCKED,
        action: 'Delete',
        note: ({ message }) => `deletion blocked while still ${message.replace(/^Cannot delete: /, '')}`,
      },
    },
    async judge(config, ctx): Promise<Verdict> {
      if (!ctx.isDeleting) return verdict.absent;
      const users = await liveUsers(config, ctx);
      if (users.length === 0) return verdict.absent;
      return verdict.true('ReferencedByWorkloads', `Cannot delete: referenced by workloads: ${formatWorkloads(users)}`);
    },
  };
}

function formatWorkloads(workloads: readonly ReferencingWorkload[]): string {
  const listed = workloads.slice(0, MAX_LISTED_WORKLOADS).map(({ kind, name }) => `{${kind} ${name}}`);
  const more = workloads.length - listed.length;
  return `[${listed.join(' ')}]${more > 0 ? ` and ${more} more` : ''}`;
}

function statusOf(config: ConfigObject, ctx: Context, options: SharedConfigOptions): Readonly<Record<string, unknown>> {
  const workloads = ctx.users().map(({ kind, name }) => ({ kind, name }));
  const hash = hashOf(config, ctx, options);
  return {
    ...(hash === undefined ? {} : { configHash: hash }),
    ...(workloads.length === 0 ? {} : { referencingWorkloads: workloads.slice(0, MAX_LISTED_WORKLOADS) }),
    referenceCount: workloads.length,
  };
}

/** The hash of the last spec that was judged valid. */
function hashOf(config: ConfigObject, ctx: Context, options: SharedConfigOptions): string | undefined {
  const valid: Condition | undefined = findCondition(ctx.conditions, VALID);
  const isJudgedNow = valid?.status === 'True' && !ctx.isDeleting && ctx.problems.length === 0;
  if (!isJudgedNow) return config.status?.configHash;
  return configHash(options.hashed === undefined ? config.spec : options.hashed(config.spec));
}
