import { Condition, ConfigMap, conditions, configRef, defineKind, defineModule, int64, Owns } from '@trueup/core';
import { Reconciler, References, SharedConfig, sharedConfigStatus, verdict } from '@trueup/core';
import type { Context, ObjectOf } from '@trueup/core';
import { z } from 'zod';

export const GreetingStyle = defineKind({
  group: 'hello.trueup.dev',
  kind: 'GreetingStyle',
  versions: { v1: {} },
  spec: z.object({ greeting: z.string().min(1), mark: z.enum(['.', '!', '?']).default('!') }),
  status: sharedConfigStatus(),
});

@SharedConfig(GreetingStyle)
class GreetingStyleReconciler {
  @Condition('Valid')
  valid({ spec }: ObjectOf<typeof GreetingStyle>) {
    if (/\d/.test(spec.greeting)) return verdict.false('DigitsInGreeting', 'spec.greeting has digits in it; use words');
    return verdict.true('Friendly', 'Spec validation passed');
  }
}

export const Greeting = defineKind({
  group: 'hello.trueup.dev',
  kind: 'Greeting',
  versions: { v1: {} },
  spec: z.object({ name: z.string().min(1), styleRef: z.object({ name: z.string().min(1) }) }),
  status: z.object({ conditions: conditions(), observedGeneration: int64(), styleHash: z.string() }).partial(),
});

const styleRef = configRef({
  from: Greeting,
  to: GreetingStyle,
  name: (greeting) => greeting.spec.styleRef.name,
  condition: 'StyleValidated',
  hash: 'styleHash',
});

@Reconciler(Greeting)
@References(styleRef)
@Owns(ConfigMap)
class GreetingReconciler {
  desired({ metadata, spec }: ObjectOf<typeof Greeting>, ctx: Context) {
    const style = ctx.reference(styleRef);
    if (style.state !== 'usable') return [];
    const text = `${style.config.spec.greeting}, ${spec.name}${style.config.spec.mark}`;
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name }, data: { text } }];
  }

  @Condition('Ready', { observes: [ConfigMap] })
  ready({ metadata }: ObjectOf<typeof Greeting>, ctx: Context) {
    const [problem] = ctx.problems;
    if (problem) return verdict.false('NotReady', problem.message);
    return verdict.true('Greeted', ctx.get(ConfigMap, metadata.name)?.data?.['text']);
  }
}

const reconcilers = [GreetingStyleReconciler, GreetingReconciler];
export const hello = defineModule({ name: 'hello-config', kinds: [GreetingStyle, Greeting], reconcilers });
