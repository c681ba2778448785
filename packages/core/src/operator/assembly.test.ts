import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigMap, Deployment, Namespace } from '../builtin-kinds.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import { Condition } from '../decorators/condition.js';
import { Owns } from '../decorators/owns.js';
import { Reconciler } from '../decorators/reconciler.js';
import { References } from '../decorators/references.js';
import { SharedConfig } from '../decorators/shared-config.js';
import { Validates } from '../decorators/validates.js';
import { container as globalContainer, inject, injectable } from '../dependency-injection.js';
import { defineKind } from '../kind/define-kind.js';
import { configRef } from '../references/config-ref.js';
import { assemble } from './assembly.js';
import { defineModule, type Constructor } from './module.js';

const spec = z.object({ configName: z.string().optional() });
const Widget = defineKind({ group: 'example.com', kind: 'Widget', versions: { v1: {} }, spec });
const Config = defineKind({ group: 'example.com', kind: 'Config', versions: { v1: {} }, spec });

@injectable()
class Images {
  readonly runner: string = 'runner:1';
}

@Reconciler(Widget)
class WidgetReconciler {
  constructor(readonly images: Images) {}
  desired() {
    return [];
  }
}

const moduleOf = (...reconcilers: readonly Constructor[]) =>
  defineModule({ name: 'widgets', kinds: [Widget], reconcilers });

function problemsOf(...reconcilers: readonly Constructor[]): readonly string[] {
  try {
    assemble([moduleOf(...reconcilers)]);
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
  return [];
}

describe('assemble', () => {
  it('builds reconcilers with what is injected into them', () => {
    const { container } = assemble([moduleOf(WidgetReconciler)]);
    expect(container.resolve(WidgetReconciler).images.runner).toBe('runner:1');
  });

  it('refuses an owner in a namespace of children that are in none', () => {
    @Reconciler(Widget)
    @Owns(ConfigMap, Namespace)
    class FarReaching {}

    expect(problemsOf(FarReaching)).toEqual([
      'FarReaching: a Widget is in a namespace and cannot own a Namespace, which is in none: Kubernetes would delete it ' +
        'as an orphan. Make it by ctx.client and remove it in finalize()',
    ]);
  });

  it('lets the application override what a module registered, for this operator only', () => {
    class OtherImages extends Images {
      override readonly runner = 'runner:2';
    }
    const module = { ...moduleOf(WidgetReconciler), register: () => {} };
    const { container } = assemble([module], (own) => own.register(Images, { useClass: OtherImages }));
    expect(container.resolve(WidgetReconciler).images.runner).toBe('runner:2');
    expect(assemble([module]).container.resolve(WidgetReconciler).images.runner).toBe('runner:1');
    expect(globalContainer.isRegistered(Images)).toBe(false);
  });

  it('names the class and what it lacks when a dependency is missing', () => {
    @Reconciler(Widget)
    class Needy {
      constructor(@inject('runner image') readonly image: string) {}
      desired() {
        return [];
      }
    }
    expect(problemsOf(Needy)).toEqual([
      expect.stringMatching(/^widgets: Needy cannot be built; register what it asks for: .*"runner image"/),
    ]);
  });

  it('names a class without decorator', () => {
    class Plain {}
    expect(problemsOf(Plain)).toEqual([
      'widgets: Plain is listed as a reconciler but has neither @Reconciler nor @SharedConfig',
    ]);
  });

  it('refuses two reconcilers of one kind', () => {
    @Reconciler(Widget)
    class Second {
      desired() {
        return [];
      }
    }
    expect(problemsOf(WidgetReconciler, Second)).toEqual([
      'Widget is reconciled by both WidgetReconciler and Second; two writers of one status would fight',
    ]);
  });

  it('refuses a condition that observes what nobody watches', () => {
    @Reconciler(Widget)
    @Owns(ConfigMap)
    class Blind {
      @Condition('Ready', { observes: [ConfigMap, Deployment] })
      ready(): Verdict {
        return verdict.true('Ready');
      }
      desired() {
        return [];
      }
    }
    expect(problemsOf(Blind)).toEqual(['Blind: Ready observes Deployment; add it to @Owns or @Watches']);
  });

  it('refuses a shared config that nobody judges, and a reference from another kind; names all problems at once', () => {
    @SharedConfig(Config)
    class Unjudged {}
    @Reconciler(Widget)
    @References(configRef({ from: Config, to: Config, name: () => undefined, condition: 'ConfigValidated' }))
    class Confused {
      desired() {
        return [];
      }
    }
    expect(problemsOf(Unjudged, Confused)).toEqual([
      "Unjudged: a shared config needs a method with @Condition('Valid')",
      'Confused: the reference ConfigValidated is from Config, not Widget',
    ]);
  });

  it('builds classes of webhooks, and those alone are an operator, too', () => {
    @injectable()
    class Checks {
      constructor(readonly images: Images) {}

      @Validates(ConfigMap)
      names() {
        return [{ path: 'data', message: this.images.runner }];
      }
    }
    const { webhooks } = assemble([{ name: 'checks', kinds: [], reconcilers: [], webhooks: [Checks] }]);
    expect(webhooks.map(({ name, path }) => [name, path])).toEqual([
      ['names.configmaps.core', '/validate/configmaps.core/names'],
    ]);
    expect(webhooks[0]?.call(...([] as unknown as Parameters<(typeof webhooks)[0]['call']>))).toEqual([
      { path: 'data', message: 'runner:1' },
    ]);
  });

  it('refuses classes without webhooks, and webhooks of one name', () => {
    class Nothing {}
    class Checks {
      @Validates(ConfigMap)
      names(): void {}
    }
    class MoreChecks {
      @Validates(ConfigMap, { name: 'names' })
      others(): void {}
    }
    expect(() =>
      assemble([{ name: 'checks', kinds: [], reconcilers: [], webhooks: [Nothing, Checks, MoreChecks] }]),
    ).toThrow(
      expect.objectContaining({
        problems: [
          'checks: Nothing is listed under webhooks but has no method with @Validates or @Mutates',
          'Checks.names and MoreChecks.others are both called names.configmaps.core; give one a name in its options',
        ],
      }),
    );
  });

  it('refuses an operator without reconcilers', () => {
    expect(() => assemble([])).toThrow(
      expect.objectContaining({
        code: 'ERR_ASSEMBLY_INVALID',
        message: 'The operator cannot be assembled: no module brings a reconciler; pass at least one module',
      }),
    );
  });
});
