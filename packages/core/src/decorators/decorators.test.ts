import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigMap, Secret } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import type { Context } from '../engine/context.js';
import { defineKind } from '../kind/define-kind.js';
import { conditionsOf, ownedKindsOf, referencesOf, webhooksOf } from '../metadata.js';
import { configRef } from '../references/config-ref.js';
import { configRefs } from '../references/config-refs.js';
import { Condition, ConditionFamily } from './condition.js';
import { Mutates } from './mutates.js';
import { Owns } from './owns.js';
import { Reconciler } from './reconciler.js';
import { References } from './references.js';
import { SharedConfig } from './shared-config.js';
import { Validates } from './validates.js';
import { Watches } from './watches.js';

const spec = z.object({ configName: z.string().optional() });
const Widget = defineKind({ group: 'example.com', kind: 'Widget', versions: { v1: {} }, spec });
const Config = defineKind({ group: 'example.com', kind: 'Config', versions: { v1: {} }, spec });

const refTo = (condition: string) =>
  configRef({ from: Widget, to: Config, name: (widget) => widget.spec.configName, condition });

describe('decorators', () => {
  it('keep the order in which they are written', () => {
    const [first, second] = [refTo('FirstValidated'), refTo('SecondValidated')];

    @Reconciler(Widget)
    @References(first, second)
    @Owns(ConfigMap)
    @Owns(Secret)
    class WidgetReconciler {
      @Condition('One')
      one(): Verdict {
        return verdict.true('Fine');
      }

      @ConditionFamily('Backend-')
      backends(): Record<string, Verdict> {
        return {};
      }

      @Validates(Widget)
      valid(): void {}

      @Mutates(Secret)
      filled(): void {}
    }

    expect(webhooksOf(WidgetReconciler).map(({ type, kind, method }) => [type, kind, method])).toEqual([
      ['validating', Widget, 'valid'],
      ['mutating', Secret, 'filled'],
    ]);
    expect(conditionsOf(WidgetReconciler).map(({ type }) => type)).toEqual(['One', 'Backend-']);
    expect(referencesOf(WidgetReconciler)).toEqual([first, second]);
    expect(ownedKindsOf(WidgetReconciler)).toEqual([ConfigMap, Secret]);
  });

  it.each([
    {
      wrong: 'two decorators on one class',
      define: () => {
        @Reconciler(Widget)
        @SharedConfig(Config)
        class Both {}
        return Both;
      },
      error: '@Reconciler on Both: the class already reconciles a kind; use one class a kind',
    },
    {
      wrong: 'a condition judged twice',
      define: () => {
        class TwiceJudged {
          @Condition('Ready')
          one(): Verdict {
            return verdict.absent;
          }
          @Condition('Ready')
          two(): Verdict {
            return verdict.absent;
          }
        }
        return TwiceJudged;
      },
      error: '@Condition on TwiceJudged: Ready is judged by two methods; make it one verdict',
    },
    {
      wrong: 'a gate that observes',
      define: () => {
        class Gate {
          @Condition('Ready', { gate: true, observes: [ConfigMap] })
          ready(): Verdict {
            return verdict.absent;
          }
        }
        return Gate;
      },
      error: '@Condition on Gate: Ready cannot be a gate and observe the world: gates are judged before apply',
    },
    {
      wrong: 'a name that no condition can have',
      define: () => {
        class Named {
          @Condition('is it ready?')
          ready(): Verdict {
            return verdict.absent;
          }
        }
        return Named;
      },
      error: '@Condition on Named: "is it ready?" on ready cannot be a condition type; use CamelCase words',
    },
    {
      wrong: 'a kind watched twice',
      define: () => {
        @Watches(Secret, { map: () => [] })
        @Watches(Secret, { map: () => [] })
        class Watching {}
        return Watching;
      },
      error: '@Watches on Watching: Secret is watched twice; merge the two mappings',
    },
    {
      wrong: 'a webhook that waits too long',
      define: () => {
        class Patient {
          @Validates(Secret, { timeoutSeconds: 31 })
          valid(): void {}
        }
        return Patient;
      },
      error: '@Validates on Patient: valid: timeoutSeconds is 31; it must be an integer from 1 to 30',
    },
    {
      wrong: 'a webhook that is asked about nothing',
      define: () => {
        class Idle {
          @Mutates(Secret, { operations: [] })
          filled(): void {}
        }
        return Idle;
      },
      error: '@Mutates on Idle: filled: operations is empty; leave it out for CREATE and UPDATE',
    },
    {
      wrong: 'a name that no webhook can have',
      define: () => {
        class Named {
          @Validates(Secret)
          is_valid(): void {}
        }
        return Named;
      },
      error:
        '@Validates on Named: is_valid: "is_valid" cannot be part of a webhook\'s name; set name to lower-case words',
    },
    {
      wrong: 'two references with one condition',
      define: () => {
        @References(refTo('ConfigValidated'), refTo('ConfigValidated'))
        class Referring {}
        return Referring;
      },
      error: '@References on Referring: two references share the condition ConfigValidated; give each its own',
    },
    {
      wrong: 'a reference whose condition could be that of a member of a family',
      define: () => {
        const family = configRefs({ from: Widget, to: Config, names: () => ({}), prefix: 'Config-' });
        @References(family, refTo('Config-x'))
        class Referring {}
        return Referring;
      },
      error: '@References on Referring: two references share the condition Config-x; give each its own',
    },
    {
      wrong: 'a constructor parameter that is no class',
      define: () => {
        interface Clock {
          now(): number;
        }
        @Reconciler(Widget)
        class Timed {
          constructor(readonly clock: Clock) {}
          desired() {
            return [];
          }
        }
        return Timed;
      },
      error:
        '@Reconciler on Timed: constructor parameter 1 has no class to inject; import its class as a value (not with `import type`), or mark it with @inject(token)',
    },
  ])('refuse $wrong while the class is defined', ({ define, error }) => {
    expect(define).toThrow(expect.objectContaining({ code: 'ERR_DECORATOR_INVALID', message: error }));
  });

  it('are refused by the compiler where the method does not fit', () => {
    class Wrong {
      // @ts-expect-error a condition needs a verdict, not a boolean
      @Condition('Ready')
      ready(): boolean {
        return true;
      }
    }

    // @ts-expect-error desired() takes the kind's own objects
    @Reconciler(Widget)
    class Other {
      desired(object: { readonly spec: { readonly other: number } }, ctx: Context) {
        return ctx.now.getTime() === object.spec.other ? [] : [];
      }
    }
    class WrongWebhooks {
      // @ts-expect-error a verdict is for conditions
      @Validates(Widget)
      judges(): Verdict {
        return verdict.true('Fine');
      }

      // @ts-expect-error a webhook takes the kind's own objects
      @Validates(Widget)
      other(_object: { readonly spec: { readonly other: number } }): void {}

      // @ts-expect-error nothing is left to change in what is deleted
      @Mutates(Widget, { operations: ['DELETE'] })
      deleted(): void {}
    }
    expect([Wrong, Other, WrongWebhooks]).toHaveLength(3);
  });
});
