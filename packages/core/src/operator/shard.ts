import { parseLabelSelector, type KubernetesObject } from '@trueup/kube';
import { isObjectName } from '../content/object-name.js';
import type { ControllerDefinition } from '../engine/definition.js';
import { OptionError } from '../errors.js';
import type { KindOf } from '../kind/kind.js';

/** The share of the objects that one instance of an operator handles; other instances handle the others. */
export interface ShardOptions {
  /** Goes into the name of the Lease: the replicas of a shard elect a leader of their own. */
  readonly name: string;
  /**
   * Labels of the objects it reconciles, of whatever kind: `shard=a`. What these own, reference and watch needs no labels.
   * Nobody handles an object that no shard selects: let one have the rest, `shard notin (a, b)`.
   */
  readonly selector: string;
}

/** One shard, ready to be asked. */
export interface Shard extends ShardOptions {
  handles(object: KubernetesObject): boolean;
}

/** @throws {@link OptionError} for a name that no Lease can have, or what is no label selector. */
export function shardOf({ name, selector }: ShardOptions): Shard {
  if (!isObjectName(name))
    throw new OptionError(`shard.name is ${JSON.stringify(name)}; write a DNS name, a or team-a`);
  const matches = selectorOf(selector);
  return { name, selector, handles: ({ metadata }) => matches(metadata.labels ?? {}) };
}

function selectorOf(selector: string): ReturnType<typeof parseLabelSelector> {
  if (selector.trim() === '')
    throw new OptionError('shard.selector is empty and would select everything; leave shard out if that is meant');
  try {
    return parseLabelSelector(selector);
  } catch (cause) {
    throw new OptionError(`shard.selector is ${JSON.stringify(selector)}, which is no label selector`, { cause });
  }
}

/**
 * The kinds that are read only to be reconciled. Of these, the objects of other shards need not be cached; what somebody owns,
 * references or watches must be found whichever shard it is in.
 */
export function reconciledOnly(definitions: readonly ControllerDefinition[]): readonly KindOf[] {
  const readOtherwise = new Set(
    definitions
      .flatMap(({ owns, references, watches }) => [
        ...owns,
        ...references.map(({ to }) => to),
        ...watches.map((watch) => watch.kind),
      ])
      .map(({ resource }) => resource),
  );
  return definitions.map(({ kind }) => kind).filter(({ resource }) => !readOtherwise.has(resource));
}
