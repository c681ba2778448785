import { objectAt } from '../access.js';
import type { JsonObject } from '../object.js';
import { formatQuantity, parseQuantity, type Quantity } from '../quantity.js';

/** Amounts by the names of resources, as quotas and containers list them. */
export type ResourceList = ReadonlyMap<string, Quantity>;

export const ONE: Quantity = { nanos: 1_000_000_000n, format: 'decimal' };
export const ZERO: Quantity = { nanos: 0n, format: 'decimal' };

/** The resource list in a field of an object, empty when it is not there. */
export function resourceListAt(parent: JsonObject, field: string): ResourceList {
  const list = new Map<string, Quantity>();
  for (const [name, text] of Object.entries(objectAt(parent, field))) {
    if (typeof text === 'string') list.set(name, parseQuantity(text));
  }
  return list;
}

export function formatList(list: ResourceList): Record<string, string> {
  return Object.fromEntries([...list].map(([name, amount]) => [name, formatQuantity(amount)]));
}

/** `cpu=2,memory=1Gi`: for messages. */
export function printList(list: ResourceList): string {
  return namesOf(list)
    .map((name) => `${name}=${formatQuantity(list.get(name) ?? ZERO)}`)
    .join(',');
}

/** In order. */
export function namesOf(list: ResourceList): string[] {
  return [...list.keys()].sort();
}

export function addLists(left: ResourceList, right: ResourceList): ResourceList {
  const sum = new Map(left);
  for (const [name, amount] of right) sum.set(name, addQuantities(sum.get(name) ?? ZERO, amount));
  return sum;
}

function addQuantities(left: Quantity, right: Quantity): Quantity {
  // What was nothing takes on the other's way of writing.
  return { nanos: left.nanos + right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

/** What is left of one list without another, where something is left. */
export function excess(list: ResourceList, without: ResourceList): ResourceList {
  const left = new Map<string, Quantity>();
  for (const [name, { nanos, format }] of list) {
    const rest = nanos - (without.get(name)?.nanos ?? 0n);
    if (rest > 0n) left.set(name, { nanos: rest, format });
  }
  return left;
}

/** Of each resource the larger amount. */
export function largest(left: ResourceList, right: ResourceList): ResourceList {
  const most = new Map(left);
  for (const [name, amount] of right) if (amount.nanos > (most.get(name)?.nanos ?? -1n)) most.set(name, amount);
  return most;
}

export function only(list: ResourceList, names: Iterable<string>): ResourceList {
  const wanted = new Set(names);
  return new Map([...list].filter(([name]) => wanted.has(name)));
}
