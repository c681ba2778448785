import { copyJson, equalJson } from '../json.js';
import { isJsonObject, type KubeObject } from '../object.js';
import { applyOperations, JsonPatchError } from '../patch/json-patch.js';
import type { AdmissionRequest } from '../resources/admission.js';
import { decodeMutated } from '../resources/decode-object.js';
import { internalError } from '../resources/errors.js';
import type { Resource } from '../resources/resource.js';
import { inVersion } from '../resources/served-object.js';
import type { StoredObject } from '../storage/table.js';
import { callWebhook, failedCall, wantedVersion } from './call-webhook.js';
import type { WebhookEnvironment } from './environment.js';
import { viewIn } from './request-view.js';
import { WebhookError } from './webhook-client.js';
import { webhooksOf, type Webhook } from './webhook.js';

/**
 * Asks the mutating webhooks that a request is for, one after the other, and changes its object as they say.
 *
 * A webhook that asks for it is called once more when the object was changed after it.
 */
export async function callMutatingWebhooks(
  configurations: readonly StoredObject[],
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): Promise<void> {
  const webhooks = webhooksOf(configurations);
  const pass = new MutatingPasses(request, environment);
  await pass.run(webhooks);
  const again = webhooks.filter((webhook) => pass.isOutdated(webhook));
  if (again.length > 0) await pass.run(again);
}

class MutatingPasses {
  readonly #request: AdmissionRequest;
  readonly #environment: WebhookEnvironment;
  /** Called, and not since the object changed. */
  readonly #upToDate = new Set<Webhook>();
  readonly #outdated = new Set<Webhook>();

  constructor(request: AdmissionRequest, environment: WebhookEnvironment) {
    this.#request = request;
    this.#environment = environment;
  }

  /** Whether the object was changed after a call of a webhook that wants to know. */
  isOutdated(webhook: Webhook): boolean {
    return this.#outdated.has(webhook);
  }

  async run(webhooks: readonly Webhook[]): Promise<void> {
    for (const webhook of webhooks) {
      const version = await wantedVersion(webhook, this.#request, this.#environment);
      if (!version) continue;
      const isChanged = await this.#mutate(webhook, version);
      if (isChanged) {
        for (const earlier of this.#upToDate) this.#outdated.add(earlier);
        this.#upToDate.clear();
      }
      if (webhook.isReinvoked) this.#upToDate.add(webhook);
    }
  }

  /** @returns whether the object is another one now. */
  async #mutate(webhook: Webhook, version: Resource): Promise<boolean> {
    const request = this.#request;
    const view = await viewIn(request, version);
    let changed: KubeObject | undefined;
    try {
      const { patch, patchType } = await callWebhook(webhook, request, view, {
        environment: this.#environment,
        mutating: true,
      });
      if (patch.length === 0) return false;
      if (!view.object || !request.object) throw notSupported(webhook);
      if (patchType !== 'JSONPatch') throw new WebhookError(`unsupported patch type ${JSON.stringify(patchType)}`);
      changed = patched(view.object, patch, request, version);
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      if (webhook.isOptional) return false;
      throw internalError(failedCall(webhook, error));
    }
    if (equalJson(changed, view.object)) return false;
    replaceContent(request.object, request.kind ? changed : await inVersion(version, request.resource, changed));
    return true;
  }
}

function notSupported({ name }: Webhook): Error {
  return internalError(
    `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
  );
}

/** The object with a patch applied, as the decoder of its kind leaves it: unknown fields dropped, defaults filled. */
function patched(
  object: KubeObject,
  patch: readonly unknown[],
  request: AdmissionRequest,
  version: Resource,
): KubeObject {
  let result: unknown;
  try {
    result = applyOperations(object, patch);
  } catch (error) {
    throw error instanceof JsonPatchError ? internalError(error.message) : error;
  }
  if (!isJsonObject(result)) throw internalError('the patch of an admission webhook left no object');
  // A Scale or an Eviction is read by what it is for.
  return request.kind ? { ...object, ...result } : decodeMutated(result, version);
}

function replaceContent(object: KubeObject, content: Readonly<KubeObject>): void {
  for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
  Object.assign(object, copyJson<KubeObject>(content));
}
