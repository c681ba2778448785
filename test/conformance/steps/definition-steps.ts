import { DEFINITIONS } from '../api-conventions.js';
import type { CaseContext } from '../case-context.js';
import { expandDefinition } from '../definition.js';
import { isList, type Json } from '../json.js';
import { valueAt } from '../value-path.js';

const SERVED_MS = 15_000;

/** Creates a CustomResourceDefinition from its short form, and waits until its objects are served. */
export async function define(context: CaseContext, shortForm: Json): Promise<void> {
  const manifest = expandDefinition(context.fill(shortForm), context.group);
  await context.create(DEFINITIONS, JSON.parse(JSON.stringify(manifest)) as Json);
  context.leftovers.addDefinition(manifest);
  await untilEstablished(context, manifest.metadata.name);
  const { group, names, versions, scope } = manifest.spec;
  const version = versions.find(({ served }) => served)?.name;
  if (version === undefined) return;
  const where = scope === 'Namespaced' ? `/namespaces/${context.namespace}` : '';
  const collection = `/apis/${group}/${version}${where}/${names.plural}`;
  await context.until(async () => (await context.send('GET', collection)).status === 200, SERVED_MS);
}

export function untilEstablished(context: CaseContext, name: string): Promise<void> {
  return context.until(async () => {
    const { json } = await context.send('GET', `${DEFINITIONS}/${name}`);
    const conditions = valueAt(json, 'status.conditions');
    return isList(conditions) && valueAt(conditions, '[type=Established].status') === 'True';
  }, SERVED_MS);
}
