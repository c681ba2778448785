import { WEBHOOK_CONFIGURATIONS } from '../api-conventions.js';
import type { CaseContext } from '../case-context.js';
import { registrationSchema, webhookBehaviourSchema, type CallsStep } from '../case-format.js';
import { differencesOf, expectNone } from '../differences.js';
import type { Json, JsonObject } from '../json.js';
import type { Webhook, WebhookServer } from '../webhook-server.js';

const CALLS_MS = 5_000;

/** The webhooks of a case, by name. */
export class Webhooks {
  readonly #webhooks = new Map<string, Webhook>();

  constructor(readonly server: WebhookServer) {}

  /** Serves them, and tells the case where. */
  add(context: CaseContext, behaviours: JsonObject): void {
    for (const [name, behaviour] of Object.entries(behaviours)) {
      const parsed = webhookBehaviourSchema.parse(context.fill(behaviour));
      this.#webhooks.set(name, this.server.add(`${context.suffix}/${name}`, parsed));
    }
    context.keep('caBundle', this.server.caBundle);
    context.keep('hookServer', this.server.url);
    context.keep('hooks', Object.fromEntries([...this.#webhooks].map(([name, { url }]) => [name, url])));
  }

  /** Registers webhooks with the server, for writes in the case's own group unless the rules name another. */
  async register(context: CaseContext, shortForm: Json): Promise<void> {
    const { type, name, hooks } = registrationSchema.parse(context.fill(shortForm));
    const kind = type === 'mutating' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
    const collection = `${WEBHOOK_CONFIGURATIONS}/${kind.toLowerCase()}s`;
    const fullName = `${name}.${context.group}`;
    const body = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: fullName },
      webhooks: hooks.map(({ hook, rules, url, ...rest }) => ({
        name: `${hook}.${context.group}`,
        clientConfig: { url: url ?? this.#webhook(hook).url, caBundle: this.server.caBundle },
        rules: rules.map((rule) => ({ apiGroups: [context.group], apiVersions: ['*'], ...rule })),
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        ...rest,
      })),
    };
    await context.create(collection, JSON.parse(JSON.stringify(body)) as Json);
    context.leftovers.addObject(`${collection}/${fullName}`);
    await context.settle();
  }

  /** Takes what a webhook was called with since the last look. */
  async takeCalls(context: CaseContext, { calls: name, count, expect, partial }: CallsStep): Promise<void> {
    const { calls } = this.#webhook(name);
    await context.until(() => calls.length >= count, CALLS_MS).catch(() => undefined);
    const taken = calls.splice(0);
    expectNone(differencesOf(count, taken.length, { path: `calls of ${name}` }));
    if (expect === undefined) return;
    const expected = expect.map((call) => context.fill(call));
    expectNone(differencesOf(expected, taken, { path: 'calls', ...(partial && { partial }) }));
  }

  #webhook(name: string): Webhook {
    const webhook = this.#webhooks.get(name);
    if (!webhook) throw new Error(`the case has no webhook ${name}`);
    return webhook;
  }
}
