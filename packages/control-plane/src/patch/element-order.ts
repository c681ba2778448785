import { isJsonObject } from '../object.js';

/** How the items of a list are told apart: by the value of a field, or by themselves. */
export type Identify = (item: unknown) => unknown;

export function identifyBy(mergeKey: string | undefined): Identify {
  if (mergeKey === undefined) return (item) => item;
  return (item) => (isJsonObject(item) && Object.hasOwn(item, mergeKey) ? item[mergeKey] : undefined);
}

/**
 * Orders a merged list: the items of the patch as `patchOrder` has them, the others as `serverOrder` has them, the two
 * interleaved so that they stand, as far as possible, as they did on the server.
 */
export function orderItems(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  identify: Identify,
): unknown[] {
  const patchIds = patchOrder.map(identify);
  const serverIds = serverOrder.map(identify);
  const inPatch = new Set(patchIds);
  const fromPatch = sortBy(
    merged.filter((item) => inPatch.has(identify(item))),
    patchIds,
    identify,
  );
  const serverOnly = sortBy(
    merged.filter((item) => !inPatch.has(identify(item))),
    serverIds,
    identify,
  );

  const result: unknown[] = [];
  let next = 0;
  for (const item of serverOnly) {
    const place = serverIds.indexOf(identify(item));
    // An item that is new to the server has no place there: it goes first.
    while (next < fromPatch.length && !standsBehind(fromPatch[next], place, serverIds, identify)) {
      result.push(fromPatch[next++]);
    }
    result.push(item);
  }
  return [...result, ...fromPatch.slice(next)];
}

function standsBehind(item: unknown, place: number, serverIds: readonly unknown[], identify: Identify): boolean {
  const index = serverIds.indexOf(identify(item));
  return place >= 0 && index >= 0 && place < index;
}

function sortBy(items: readonly unknown[], ids: readonly unknown[], identify: Identify): unknown[] {
  return [...items].sort((left, right) => ids.indexOf(identify(left)) - ids.indexOf(identify(right)));
}
