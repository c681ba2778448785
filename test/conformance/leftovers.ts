import type { ApiReply } from './api-client.js';
import { DEFINITIONS, PATCH_TYPES } from './api-conventions.js';
import type { CaseContext } from './case-context.js';
import { manifestSchema, type Manifest } from './definition.js';
import { isList, isObject, textOf, type Json } from './json.js';
import { valueAt } from './value-path.js';

/** What a case made outside its namespace. */
export class Leftovers {
  readonly #objects: string[] = [];
  readonly #definitions: Manifest[] = [];

  addObject(path: string): void {
    this.#objects.push(path);
  }

  addDefinition(manifest: Manifest): void {
    this.#definitions.push(manifest);
  }

  /** Looks at a reply whether it is about something new at cluster scope. */
  noteReply(method: string, path: string, { status, json }: ApiReply): void {
    const name = valueAt(json, 'metadata.name');
    const isReview = /reviews?$/i.test(textOf(valueAt(json, 'kind')));
    if (status !== 201 || typeof name !== 'string' || isReview || /[?&]dryRun=/.test(path)) return;
    const [plain = ''] = path.split('?');
    if (plain.includes('/namespaces/')) return;
    if (plain.startsWith(DEFINITIONS)) this.addDefinition(manifestSchema.parse(json));
    else this.addObject(method === 'POST' ? `${plain}/${name}` : plain);
  }

  /** Removes it all, newest first, together with finalizers that nobody would act on. */
  async remove(context: CaseContext): Promise<void> {
    for (const path of this.#objects.reverse()) await remove(context, path);
    for (const manifest of this.#definitions) {
      await removeFinalizersOfObjects(context, manifest);
      await context.send('DELETE', `${DEFINITIONS}/${manifest.metadata.name}`);
    }
  }
}

async function remove(context: CaseContext, path: string): Promise<void> {
  await removeFinalizers(context, path);
  await context.send('DELETE', path);
}

async function removeFinalizers(context: CaseContext, path: string): Promise<void> {
  await context.send('PATCH', path, { metadata: { finalizers: null } }, PATCH_TYPES.merge);
}

async function removeFinalizersOfObjects(context: CaseContext, { spec }: Manifest): Promise<void> {
  const version = spec.versions.find(({ served }) => served)?.name;
  if (version === undefined) return;
  const collection = (namespace: Json | undefined): string =>
    `/apis/${spec.group}/${version}${typeof namespace === 'string' ? `/namespaces/${namespace}` : ''}/${spec.names.plural}`;
  const { json } = await context.send('GET', collection(undefined));
  const items = valueAt(json, 'items');
  for (const item of isList(items) ? items : []) {
    const metadata = valueAt(item, 'metadata');
    if (!isObject(metadata) || metadata['finalizers'] === undefined) continue;
    await removeFinalizers(context, `${collection(metadata['namespace'])}/${textOf(metadata['name'])}`);
  }
}
