import { isJsonObject, type JsonObject, type KubeObject } from '../object.js';
import { timestamp } from '../clock.js';
import type { Resource } from '../resources/resource.js';
import { CLEANUP_FINALIZER, DEFINITIONS, specOf } from './definition.js';
import { definitionCode } from './definition-code.js';

/**
 * The resource of CustomResourceDefinitions with the rules that give them their meaning: what a valid one is, which
 * versions its objects may be stored in, and that it goes only after its objects.
 *
 * @param builtIn - The kind as the table of built-in kinds has it.
 */
export function definitionResource(builtIn: Resource, now: () => Date): Resource {
  if (builtIn.group !== DEFINITIONS.group || builtIn.plural !== DEFINITIONS.plural) return builtIn;
  const { strategy } = builtIn;
  return {
    ...builtIn,
    schema: builtIn.schema,
    strategy: {
      ...strategy,
      prepareForCreate(next) {
        strategy.prepareForCreate?.(next);
        const status = statusOf(next);
        // Written even when they are empty: a client waits for them to be filled.
        status['conditions'] ??= null;
        status['acceptedNames'] ??= { plural: '', kind: '' };
      },
      prepareForUpdate(next, old) {
        strategy.prepareForUpdate?.(next, old);
        rememberStorageVersion(next);
      },
      prepareForDelete(next) {
        const finalizers = next.metadata.finalizers ?? [];
        if (!finalizers.includes(CLEANUP_FINALIZER)) next.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
        const status = statusOf(next);
        const conditions: unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : [];
        status['conditions'] = [
          ...conditions.filter((condition) => !isJsonObject(condition) || condition['type'] !== 'Terminating'),
          {
            type: 'Terminating',
            status: 'True',
            lastTransitionTime: timestamp(now()),
            reason: 'InstanceDeletionPending',
            message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
          },
        ];
      },
      load: () => definitionCode.load(),
      validate: (next, old) => definitionCode.loaded.validateCustomResourceDefinition(next, old),
      validateStatus: () => [],
    },
  };
}

function rememberStorageVersion(next: KubeObject): void {
  const status = statusOf(next);
  const stored: unknown[] = Array.isArray(status['storedVersions']) ? status['storedVersions'] : [];
  const storage = specOf(next).versions.find((version) => version.storage)?.name;
  if (storage === undefined || stored.includes(storage)) return;
  next['status'] = { ...status, storedVersions: [...stored, storage] };
}

function statusOf(definition: KubeObject): JsonObject {
  const { status } = definition;
  if (isJsonObject(status)) return status;
  const made: JsonObject = {};
  definition['status'] = made;
  return made;
}
