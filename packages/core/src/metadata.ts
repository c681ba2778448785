// The only file that touches Reflect: decorators record here, definitions are read from here.
import { injectable } from './dependency-injection.js';
import { DecoratorError } from './errors.js';
import type { PolicyRule } from './builtin-kinds.js';
import type { ConditionOptions } from './decorators/condition.js';
import type { KindPermission } from './decorators/permissions.js';
import type { ReconcilerOptions } from './decorators/reconciler.js';
import type { SharedConfigOptions } from './decorators/shared-config.js';
import type { Watch } from './decorators/watches.js';
import type { Ownership } from './engine/ownership.js';
import type { KindOf } from './kind/kind.js';
import type { Constructor } from './operator/module.js';
import type { DeclaredReference } from './references/config-refs.js';
import type { WebhookRecord } from './webhooks/webhook-record.js';

export interface ConditionRecord extends ConditionOptions {
  /** The condition's type, or the prefix of a family of them. */
  readonly type: string;
  readonly isFamily: boolean;
  readonly method: string;
}

export type ControllerRecord =
  | { readonly flavour: 'reconciler'; readonly kind: KindOf; readonly options: ReconcilerOptions }
  | { readonly flavour: 'shared-config'; readonly kind: KindOf; readonly options: SharedConfigOptions };

// Symbol.for: two installed copies of this package agree on the keys.
const CONTROLLER = Symbol.for('@trueup/core:controller');
const CONDITIONS = Symbol.for('@trueup/core:conditions');
const REFERENCES = Symbol.for('@trueup/core:references');
const OWNS = Symbol.for('@trueup/core:owns');
const WATCHES = Symbol.for('@trueup/core:watches');
const CONTENTS = Symbol.for('@trueup/core:contents');
const PERMISSIONS = Symbol.for('@trueup/core:permissions');
const WEBHOOKS = Symbol.for('@trueup/core:webhooks');

function listOf<T>(key: symbol, target: object): readonly T[] {
  const recorded: readonly T[] | undefined = Reflect.getMetadata(key, target);
  return recorded ?? [];
}

// Decorators run bottom-up; putting each in front keeps the order in which they are written.
function prepend<T>(key: symbol, target: object, values: readonly T[]): void {
  Reflect.defineMetadata(key, Object.freeze([...values, ...listOf<T>(key, target)]), target);
}

export function controllerRecordOf(target: Constructor): ControllerRecord | undefined {
  const record: ControllerRecord | undefined = Reflect.getOwnMetadata(CONTROLLER, target);
  return record;
}

/** Records what a class reconciles and makes it injectable. */
export function recordController(decorator: string, target: Constructor, record: ControllerRecord): void {
  if (controllerRecordOf(target) !== undefined) {
    throw new DecoratorError(decorator, target, 'the class already reconciles a kind; use one class a kind');
  }
  requireInjectable(decorator, target);
  Reflect.defineMetadata(CONTROLLER, record, target);
}

export const conditionsOf = (target: Constructor) => listOf<ConditionRecord>(CONDITIONS, target);
export const referencesOf = (target: Constructor) => listOf<DeclaredReference>(REFERENCES, target);
export const ownershipOf = (target: Constructor) => listOf<Ownership>(OWNS, target);
export const ownedKindsOf = (target: Constructor) => ownershipOf(target).map(({ kind }) => kind);
export const watchesOf = (target: Constructor) => listOf<Watch>(WATCHES, target);
export const contentKindsOf = (target: Constructor) => listOf<KindOf>(CONTENTS, target);
export const permissionsOf = (target: Constructor) => listOf<KindPermission | PolicyRule>(PERMISSIONS, target);

export const webhooksOf = (target: Constructor) => listOf<WebhookRecord>(WEBHOOKS, target);

// Method decorators run top-down, so what they record is appended.
function append<T>(key: symbol, target: object, value: T): void {
  Reflect.defineMetadata(key, Object.freeze([...listOf<T>(key, target), value]), target);
}

export const addCondition = (target: Constructor, record: ConditionRecord) => append(CONDITIONS, target, record);
export const addWebhook = (target: Constructor, record: WebhookRecord) => append(WEBHOOKS, target, record);
export const addReferences = (target: Constructor, refs: readonly DeclaredReference[]) =>
  prepend(REFERENCES, target, refs);
export const addOwnedKinds = (target: Constructor, owned: readonly Ownership[]) => prepend(OWNS, target, owned);
export const addWatch = (target: Constructor, watch: Watch) => prepend(WATCHES, target, [watch]);
export const addContentKinds = (target: Constructor, kinds: readonly KindOf[]) => prepend(CONTENTS, target, kinds);
export const addPermissions = (target: Constructor, permissions: readonly (KindPermission | PolicyRule)[]) =>
  prepend(PERMISSIONS, target, permissions);

const UNINJECTABLE: readonly unknown[] = [Object, Function, String, Number, Boolean, Array, undefined];

/**
 * A class imported with `import type` compiles and leaves `Function` or `Object` as the parameter's type; dependency
 * injection would only fail much later, and say less.
 */
function requireInjectable(decorator: string, target: Constructor): void {
  const parameters: readonly unknown[] = Reflect.getMetadata('design:paramtypes', target) ?? [];
  const tokens: Readonly<Record<number, unknown>> = Reflect.getOwnMetadata('injectionTokens', target) ?? {};
  parameters.forEach((type, position) => {
    if (UNINJECTABLE.includes(type) && !(position in tokens)) {
      throw new DecoratorError(
        decorator,
        target,
        `constructor parameter ${position + 1} has no class to inject; import its class as a value (not with \`import type\`), or mark it with @inject(token)`,
      );
    }
  });
  injectable()(target);
}
