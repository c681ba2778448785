import type { Clock } from '../clock.js';
import { badRequest, expired, plainError, versionTooLarge } from '../resources/errors.js';
import { storeKey } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';
import { convertByWebhook, serve } from '../resources/served-object.js';
import { ContinueTokenError, decodeContinueToken, encodeContinueToken } from '../storage/continue-token.js';
import type { Store } from '../storage/store.js';
import { keyOf, type StoredObject, type Table } from '../storage/table.js';
import type { ListOptions } from './query-options.js';
import { parseSelection, type Selection } from './selection.js';

/** One page of a list. */
export interface ObjectList {
  readonly items: readonly StoredObject[];
  readonly resourceVersion: string;
  /** Empty on the last page. */
  readonly continueToken: string;
  readonly remainingItemCount?: number;
}

/** How long a request waits for a resourceVersion that the server has not reached. */
const FUTURE_VERSION_WAIT_MS = 3000;

/** Lists the objects of a resource: the newest state, an exact one, or the next page of one. */
export async function listObjects(
  { pipeline: { store }, clock }: { readonly pipeline: { readonly store: Store }; readonly clock: Clock },
  resource: Resource,
  namespace: string | undefined,
  options: ListOptions,
): Promise<ObjectList> {
  const selection = parseSelection(options, resource);
  const table = store.table(storeKey(resource));
  const { continueToken, resourceVersion } = options;
  if (continueToken !== '') return nextPage(store, table, resource, namespace, options);

  const version = parseListVersion(resourceVersion);
  const limit = resourceVersion === '0' ? 0 : Math.max(0, options.limit);
  const isExact =
    version > 0 && (options.resourceVersionMatch === 'Exact' || (limit > 0 && options.resourceVersionMatch === ''));
  if (version > store.version) await waitForVersion(store, version, clock);
  const source = isExact ? snapshot(table, version, namespace) : candidates(table, namespace, selection.name, limit);
  if (!source) throw expired('The resourceVersion for the provided list is too old.');
  return page(source, resource, selection, limit, isExact ? version : store.version);
}

async function nextPage(
  store: Store,
  table: Table,
  resource: Resource,
  namespace: string | undefined,
  options: ListOptions,
): Promise<ObjectList> {
  const { continueToken, resourceVersion } = options;
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const selection = parseSelection(options, resource);
  const { version, after } = decodeToken(continueToken);
  const source = snapshot(table, version, namespace, after);
  if (!source) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      encodeContinueToken({ after }),
    );
  }
  return page(source, resource, selection, Math.max(0, options.limit), version ?? store.version);
}

/** What a page is taken from. It shows the table itself, so it is to be read before anything else is written. */
interface PageSource {
  /** In order. */
  readonly objects: Iterable<StoredObject>;
  countAfter(key: string): number;
}

async function page(
  given: PageSource,
  resource: Resource,
  selection: Selection,
  limit: number,
  version: number,
): Promise<ObjectList> {
  const source = resource.storedForm?.webhook ? await converted(resource, given) : given;
  const resourceVersion = String(version);
  const items: StoredObject[] = [];
  let last = '';
  for (const object of source.objects) {
    const served = serve(resource, object);
    if (!selection.isAll && !selection.matches(served)) continue;
    if (limit > 0 && items.length === limit) {
      return {
        items,
        resourceVersion,
        continueToken: encodeContinueToken({ version, after: last }),
        // With a selector nobody has counted how many of the rest would match.
        ...(selection.isAll ? { remainingItemCount: source.countAfter(last) } : {}),
      };
    }
    items.push(served);
    if (items.length === limit) last = keyOfObject(object);
  }
  return { items, resourceVersion, continueToken: '' };
}

/** A webhook is asked about all at once; others may write meanwhile. */
async function converted(resource: Resource, source: PageSource): Promise<PageSource> {
  const objects = [...source.objects];
  await convertByWebhook(resource, objects);
  return { objects, countAfter: (key) => objects.filter((object) => keyOfObject(object) > key).length };
}

function keyOfObject({ metadata }: StoredObject): string {
  return keyOf(metadata.namespace, metadata.name ?? '');
}

function snapshot(
  table: Table,
  version: number | undefined,
  namespace: string | undefined,
  after?: string,
): PageSource | undefined {
  const shown = table.snapshot(version, namespace);
  return shown && { objects: shown.after(after), countAfter: (key) => shown.countAfter(key) };
}

/** The objects to look at: one when the selector names it, else all. */
function candidates(
  table: Table,
  namespace: string | undefined,
  name: string | undefined,
  limit: number,
): PageSource | undefined {
  if (name !== undefined && namespace !== undefined) {
    const object = table.get(namespace, name);
    return { objects: object ? [object] : [], countAfter: () => 0 };
  }
  // Without pages the whole list at once is faster.
  return limit > 0 ? snapshot(table, undefined, namespace) : { objects: table.list(namespace), countAfter: () => 0 };
}

/** Waits until the server has reached a resourceVersion. @throws 504 when it does not within 3 s. */
export async function waitForVersion(store: Store, version: number, clock: Clock): Promise<void> {
  const reached = await new Promise<boolean>((resolve) => {
    const finish = (value: boolean): void => {
      cancel();
      unsubscribe();
      resolve(value);
    };
    const cancel = clock.schedule(FUTURE_VERSION_WAIT_MS, () => {
      finish(false);
    });
    const unsubscribe = store.onCommit(() => {
      if (store.version >= version) finish(true);
    });
  });
  if (!reached) throw versionTooLarge(version, store.version);
}

/** The resourceVersion of a get or watch; 0 for none. @throws 500 for text that is none. */
export function parseVersion(text: string): number {
  if (text === '') return 0;
  if (!/^\d+$/.test(text)) throw plainError(syntaxError(text));
  return Number(text);
}

function parseListVersion(text: string): number {
  if (text === '' || /^\d+$/.test(text)) return Number(text);
  throw badRequest(`invalid resource version: ${syntaxError(text)}`);
}

function syntaxError(text: string): string {
  const quoted = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
}

function decodeToken(token: string): ReturnType<typeof decodeContinueToken> {
  try {
    return decodeContinueToken(token);
  } catch (error) {
    if (error instanceof ContinueTokenError) throw badRequest(`invalid continue token: ${error.message}`);
    throw error;
  }
}
