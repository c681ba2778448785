export { defineKind } from './kind/define-kind.js';
export type { CustomObject, Kind, KindDefinition, KindOf, ObjectOf, VersionOptions } from './kind/kind.js';
export { ageColumn, column, conditionColumn, type Column, type ColumnType } from './kind/column.js';
export { conditions } from './kind/conditions-schema.js';
export { sharedConfigStatus } from './kind/shared-config-status.js';
export {
  atomic,
  embeddedResource,
  entryCount,
  int32,
  int64,
  intOrString,
  listMap,
  listSet,
  pattern,
  rawObject,
  required,
  rule,
} from './kind/schema-annotations.js';
export {
  customResourceDefinition,
  type CustomResourceDefinition,
  type CustomResourceDefinitionVersion,
} from './kind/custom-resource-definition.js';
export type { StructuralSchema, ValidationRule } from './kind/structural-schema.js';
export { referencePage } from './kind/reference-page.js';
export { firstSpecProblem, validateSpec, type FieldProblem } from './kind/validate-spec.js';
export { KindDefinitionError, SchemaError } from './kind/kind-errors.js';
export {
  ConfigMap,
  Deployment,
  Event,
  Ingress,
  Job,
  Lease,
  Namespace,
  PersistentVolumeClaim,
  Pod,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  type BuiltinCondition,
  type Container,
  type ContainerPort,
  type ContainerStatus,
  type EnvFromSource,
  type EnvVar,
  type LabelSelector,
  type ObjectReference,
  type PodSpec,
  type PodTemplateSpec,
  type PolicyRule,
  type ResourceRequirements,
  type ServicePort,
  type Volume,
  type VolumeMount,
} from './builtin-kinds.js';

export { Reconciler, type ReconcilerOptions } from './decorators/reconciler.js';
export { SharedConfig, type SharedConfigOptions } from './decorators/shared-config.js';
export { References } from './decorators/references.js';
export { Owns } from './decorators/owns.js';
export { Watches, type WatchesOptions } from './decorators/watches.js';
export { Condition, ConditionFamily, type ConditionOptions, type TransitionEvent } from './decorators/condition.js';

export { verdict, type StatedVerdict, type Verdict } from './conditions/verdict.js';
export { findCondition, isConditionTrue, type Condition as ConditionStatus } from './conditions/condition.js';

export {
  configRef,
  defaultWording,
  type ConfigObject,
  type ConfigRef,
  type ConfigRefOptions,
  type ReferenceOptions,
  type ReferenceWording,
} from './references/config-ref.js';
export { configRefs, type ConfigRefs, type ConfigRefsOptions } from './references/config-refs.js';
export type { ConfigUser, ReferencingWorkload } from './references/referencing-workloads.js';
export { configHash } from './shared-config/config-hash.js';
export { canonicalJson } from './shared-config/canonical-json.js';

export { formatGoDuration, parseGoDuration } from './formats/go-duration.js';
export { contentRefsOf, formatContentRef, type ContentRef } from './content/content-ref.js';
export { isObjectName } from './content/object-name.js';
export type { Contents, Context, Problem, ResolvedReference } from './engine/context.js';
export type { DesiredObject, ReconcilerMethods } from './engine/reconciler.js';
export { done, requeueAfter, type Outcome } from './engine/outcome.js';

export { defineModule, type Constructor, type OperatorModule } from './operator/module.js';
export { Operator, type OperatorOptions, type WaitOptions } from './operator/operator.js';

export {
  AssemblyError,
  CoreError,
  DecoratorError,
  isSpecError,
  NotDeclaredError,
  OptionError,
  OwnedByOtherError,
  PruneRefusedError,
  SettleTimeoutError,
  SpecError,
  type CoreErrorCode,
} from './errors.js';

export { inject, injectable, injectAll, type DependencyContainer } from './dependency-injection.js';
export type { KubernetesObject, NamespacedName, ObjectMeta } from '@trueup/kube';
