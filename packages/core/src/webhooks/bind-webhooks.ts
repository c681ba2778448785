import { webhooksOf } from '../metadata.js';
import type { Constructor, OperatorModule } from '../operator/module.js';
import type { BoundWebhook } from './admission-endpoint.js';
import { declaredWebhooks, type DeclaredWebhook } from './declared-webhook.js';

/**
 * The webhooks that modules declare, with the instances that answer.
 *
 * @param problems - Gets a line for each class without webhooks, and for webhooks of the same name.
 */
export function bindWebhooks(
  modules: readonly OperatorModule[],
  instances: ReadonlyMap<Constructor, object>,
  problems: string[],
): readonly BoundWebhook[] {
  const declared = declaredWebhooks(modules);
  problems.push(...modules.flatMap(classesWithout), ...declared.flatMap(namesakes));
  return declared.flatMap((webhook) => {
    const instance = instances.get(webhook.target);
    return instance === undefined ? [] : [bound(webhook, instance)];
  });
}

function bound(webhook: DeclaredWebhook, instance: object): BoundWebhook {
  // The decorators' types allow them on such methods only.
  const call = (instance as Record<string, BoundWebhook['call']>)[webhook.method];
  return { ...webhook, call: (object, request) => call?.call(instance, object, request) };
}

function classesWithout({ name, webhooks = [] }: OperatorModule): readonly string[] {
  return webhooks
    .filter((target) => webhooksOf(target).length === 0)
    .map((target) => `${name}: ${target.name} is listed under webhooks but has no method with @Validates or @Mutates`);
}

function namesakes(webhook: DeclaredWebhook, index: number, all: readonly DeclaredWebhook[]): readonly string[] {
  const earlier = all.slice(0, index).find(({ path }) => path === webhook.path);
  if (earlier === undefined) return [];
  const [one, other] = [earlier, webhook].map(({ target, method }) => `${target.name}.${method}`);
  return [`${one} and ${other} are both called ${webhook.name}; give one a name in its options`];
}
