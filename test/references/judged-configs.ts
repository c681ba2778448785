import {
  Condition,
  SharedConfig,
  verdict,
  type Constructor,
  type CustomObject,
  type Kind,
  type KindOf,
  type OperatorModule,
  type Verdict,
} from '@trueup/core';
import { controllerRecordOf } from '../../packages/core/src/metadata.js';

/** What is said of a config: that it is valid, or why not; nothing at all; or nothing since it was edited. */
export type Judgement = 'True' | readonly [reason: string, message: string] | 'none' | 'unchanged';

const JUDGEMENT = 'test.trueup.dev/judgement';

/** The annotations by which the stand-in judge of a config says this. */
export function judged(judgement: Judgement): Readonly<Record<string, string>> {
  return { [JUDGEMENT]: JSON.stringify(judgement) };
}

/**
 * The modules with every judge of a shared config replaced by one that says what the test wants, so that each moment in
 * the life of a config can be looked at. Hash, finalizer, users and deletion stay what they are.
 */
export function withJudgedConfigs(modules: readonly OperatorModule[]): readonly OperatorModule[] {
  return modules.map((module) => ({ ...module, reconcilers: module.reconcilers.map(standIn) }));
}

function standIn(target: Constructor): Constructor {
  const record = controllerRecordOf(target);
  // A shared config is a custom object: the decorator takes no other.
  return record?.flavour === 'shared-config' ? judgeOf(record.kind as KindOf<CustomObject<unknown>>) : target;
}

function judgeOf(kind: KindOf<CustomObject<unknown>>): Constructor {
  @SharedConfig(kind)
  class AnnotationJudge {
    @Condition('Valid')
    valid({ metadata }: CustomObject<unknown>): Verdict {
      const said: Judgement = JSON.parse(metadata.annotations?.[JUDGEMENT] ?? '"none"');
      if (said === 'none') return verdict.absent;
      if (said === 'unchanged') return verdict.unchanged;
      return said === 'True' ? verdict.true('ConfigValid', 'Spec validation passed') : verdict.false(...said);
    }
  }
  return AnnotationJudge;
}

/** The kinds that are shared configs among those the modules reconcile. */
export function sharedConfigKinds(modules: readonly OperatorModule[]): readonly Kind['resource'][] {
  return modules.flatMap(({ reconcilers }) =>
    reconcilers.flatMap((target) => {
      const record = controllerRecordOf(target);
      return record?.flavour === 'shared-config' ? [record.kind.resource] : [];
    }),
  );
}
