import { webhooksOf } from '../metadata.js';
import type { Constructor, OperatorModule } from '../operator/module.js';
import type { WebhookRecord } from './webhook-record.js';

/** An admission webhook of an operator, and by what it is known. */
export interface DeclaredWebhook extends WebhookRecord {
  readonly target: Constructor;
  /** `address-stays.websites.example.com`. */
  readonly name: string;
  /** Where it is asked: `/validate/websites.example.com/address-stays`. */
  readonly path: string;
}

/** The admission webhooks that modules declare, those of one class in the order they are written. */
export function declaredWebhooks(modules: readonly OperatorModule[]): readonly DeclaredWebhook[] {
  const targets = modules.flatMap(({ reconcilers, webhooks = [] }) => [...reconcilers, ...webhooks]);
  return [...new Set(targets)].flatMap((target) => webhooksOf(target).map((record) => declared(target, record)));
}

function declared(target: Constructor, record: WebhookRecord): DeclaredWebhook {
  const { group, plural } = record.kind.resource;
  const label = webhookLabel(record);
  // A webhook's name has three parts at least.
  const resource = `${plural}.${group === '' ? 'core' : group}`;
  const verb = record.type === 'validating' ? 'validate' : 'mutate';
  return { ...record, target, name: `${label}.${resource}`, path: `/${verb}/${resource}/${label}` };
}

/** `addressStays` as `address-stays`, unless the webhook is given a name. */
export function webhookLabel({ method, options }: Pick<WebhookRecord, 'method' | 'options'>): string {
  return options.name ?? method.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
