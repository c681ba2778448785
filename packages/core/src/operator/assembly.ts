import type { KubernetesObject, Store } from '@trueup/kube';
import {
  container as globalContainer,
  type DependencyContainer,
  type InjectionToken,
} from '../dependency-injection.js';
import type { ControllerDefinition } from '../engine/definition.js';
import { definitionOf } from '../engine/define-controller.js';
import type { ReconcilerMethods } from '../engine/reconciler.js';
import { AssemblyError, messageOf } from '../errors.js';
import type { Kind, KindOf } from '../kind/kind.js';
import {
  conditionsOf,
  controllerRecordOf,
  referencesOf,
  watchesOf,
  ownedKindsOf,
  type ControllerRecord,
} from '../metadata.js';
import { conditionOf, type DeclaredReference } from '../references/config-refs.js';
import { ReferencingWorkloads } from '../references/referencing-workloads.js';
import { sharedConfigDefinition, VALID } from '../shared-config/shared-config-controller.js';
import type { BoundWebhook } from '../webhooks/admission-endpoint.js';
import { bindWebhooks } from '../webhooks/bind-webhooks.js';
import type { Constructor, OperatorModule } from './module.js';

/** Modules put together and found to fit. */
export interface Assembly {
  readonly container: DependencyContainer;
  readonly kinds: readonly Kind[];
  /** Every reference that any module declares. */
  readonly references: readonly DeclaredReference[];
  /** Every admission webhook that any class declares, and the method that answers. */
  readonly webhooks: readonly BoundWebhook[];
  /** Makes the definitions of all controllers. */
  define(around: { store<T extends KubernetesObject>(kind: KindOf<T>): Store<T> }): readonly ControllerDefinition[];
}

interface Part {
  readonly target: Constructor;
  readonly record: ControllerRecord;
  readonly instance: ReconcilerMethods;
}

/**
 * Builds everything the modules declare, in a container of its own, and checks that it fits together.
 *
 * @throws {@link AssemblyError} with all problems: a class without decorator, a kind reconciled twice, a dependency that
 * nobody registered, a condition that observes what is not watched.
 */
export function assemble(
  modules: readonly OperatorModule[],
  register?: (container: DependencyContainer) => void,
): Assembly {
  const container = globalContainer.createChildContainer();
  for (const module of modules) module.register?.(container);
  register?.(container);

  const problems: string[] = [];
  const parts = modules.flatMap((module) =>
    module.reconcilers.flatMap((target) => partOf(module, target, container, problems)),
  );
  const instances = new Map<Constructor, object>(parts.map(({ target, instance }) => [target, instance]));
  for (const module of modules) {
    for (const target of module.webhooks ?? []) {
      const instance = instances.get(target) ?? build(module, target, container, problems);
      if (instance !== undefined) instances.set(target, instance);
    }
  }
  const webhooks = bindWebhooks(modules, instances, problems);
  problems.push(...duplicates(parts), ...parts.flatMap(({ target, record }) => declarationProblems(target, record)));
  if (parts.length + webhooks.length === 0 && problems.length === 0)
    problems.push('no module brings a reconciler; pass at least one module');
  if (problems.length > 0) throw new AssemblyError(problems);

  const references = parts.flatMap(({ target }) => referencesOf(target));
  return {
    container,
    kinds: [...new Set(modules.flatMap((module) => module.kinds))],
    references,
    webhooks,
    define: ({ store }) =>
      parts.map(({ record, instance }) => {
        const refs = references.filter((ref) => ref.to.resource === record.kind.resource);
        const users = new ReferencingWorkloads(refs, { store });
        return record.flavour === 'reconciler'
          ? definitionOf(instance, record.kind, record.options, users)
          : sharedConfigDefinition(instance, record.kind, record.options, users);
      }),
  };
}

function partOf(
  module: OperatorModule,
  target: Constructor,
  container: DependencyContainer,
  problems: string[],
): readonly Part[] {
  const record = controllerRecordOf(target);
  if (record === undefined) {
    problems.push(
      `${module.name}: ${target.name} is listed as a reconciler but has neither @Reconciler nor @SharedConfig`,
    );
    return [];
  }
  const instance = build<ReconcilerMethods>(module, target, container, problems);
  return instance === undefined ? [] : [{ target, record, instance }];
}

function build<T extends object>(
  module: OperatorModule,
  target: Constructor,
  container: DependencyContainer,
  problems: string[],
): T | undefined {
  try {
    return container.resolve(target as InjectionToken<T>);
  } catch (error) {
    problems.push(
      `${module.name}: ${target.name} cannot be built; register what it asks for: ${oneLine(messageOf(error))}`,
    );
    return undefined;
  }
}

const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ');

function duplicates(parts: readonly Part[]): readonly string[] {
  return parts.flatMap(({ target, record }, index) => {
    const earlier = parts.slice(0, index).find((part) => part.record.kind.resource === record.kind.resource);
    if (earlier === undefined) return [];
    const { kind } = record.kind.resource;
    return [
      `${kind} is reconciled by both ${earlier.target.name} and ${target.name}; two writers of one status would fight`,
    ];
  });
}

function declarationProblems(target: Constructor, record: ControllerRecord): readonly string[] {
  const { kind } = record;
  const seen = [kind, ...ownedKindsOf(target), ...watchesOf(target).map((watch) => watch.kind)];
  const unseen = conditionsOf(target).flatMap(({ type, observes = [] }) =>
    observes
      .filter((observed) => !seen.some((candidate) => candidate.resource === observed.resource))
      .map((observed) => `${target.name}: ${type} observes ${observed.resource.kind}; add it to @Owns or @Watches`),
  );
  const foreign = referencesOf(target)
    .filter((ref) => ref.from.resource !== kind.resource)
    .map(
      (ref) =>
        `${target.name}: the reference ${conditionOf(ref)} is from ${ref.from.resource.kind}, not ${kind.resource.kind}`,
    );
  const outOfScope = ownedKindsOf(target)
    .filter((owned) => kind.resource.namespaced && !owned.resource.namespaced)
    .map(
      ({ resource }) =>
        `${target.name}: a ${kind.resource.kind} is in a namespace and cannot own a ${resource.kind}, which is in none: ` +
        'Kubernetes would delete it as an orphan. Make it by ctx.client and remove it in finalize()',
    );
  const isUnjudged = record.flavour === 'shared-config' && !conditionsOf(target).some(({ type }) => type === VALID);
  const unjudged = isUnjudged ? [`${target.name}: a shared config needs a method with @Condition('${VALID}')`] : [];
  return [...unseen, ...foreign, ...outOfScope, ...unjudged];
}
