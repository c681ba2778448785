export { defineKind } from './kind/define-kind.js';
export type {
  ConvertedObject,
  CustomObject,
  Kind,
  KindDefinition,
  KindOf,
  ObjectOf,
  VersionConversion,
  VersionOptions,
} from './kind/kind.js';
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
export { firstSpecProblem, mistypedField, validateSpec, type FieldProblem } from './kind/validate-spec.js';
export type { Stored } from './kind/stored.js';
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
export type { OwnershipOptions } from './engine/ownership.js';
export { joinedBy, Watches, type WatchesOptions } from './decorators/watches.js';
export type { WatchCaches } from './engine/definition.js';
export { ReadsContents } from './decorators/reads-contents.js';
export { Permissions, permission, type KindPermission } from './decorators/permissions.js';
export { Validates } from './decorators/validates.js';
export { Mutates } from './decorators/mutates.js';
export {
  deny,
  type Denial,
  type DenialOptions,
  type MutationAnswer,
  type ValidationAnswer,
} from './webhooks/admission-answer.js';
export type { AdmissionOperation, AdmissionRequest, AdmissionUser } from './webhooks/admission-request.js';
export { fieldError, type FieldError, type FieldErrorType } from './webhooks/field-error.js';
export type { MutatesOptions, ValidatesOptions, WebhookOptions } from './webhooks/webhook-options.js';
export {
  webhookCertificateName,
  webhookServiceName,
  type WebhookAddress,
  type WebhookServerOptions,
} from './webhooks/webhook-server-options.js';
export {
  webhookConfigurations,
  type ConfigurationOptions,
  type ConfiguredWebhook,
  type WebhookConfiguration,
} from './webhooks/webhook-configurations.js';
export { conversionPath, convertingKinds } from './webhooks/converting-kinds.js';
export { webhookClientConfig, type WebhookClientConfig, type WebhookTarget } from './webhooks/webhook-target.js';
export { Condition, ConditionFamily, type ConditionOptions, type TransitionEvent } from './decorators/condition.js';

export { verdict, type StatedVerdict, type Verdict } from './conditions/verdict.js';
export { CHILD_CONFLICT, ChildConflictReason } from './conditions/child-conflict.js';
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
export type { Contents, Context, Problem, ProblemChild, ResolvedReference } from './engine/context.js';
export type { DesiredObject, ReconcilerMethods } from './engine/reconciler.js';
export { done, requeueAfter, type Outcome } from './engine/outcome.js';

export { operatorPermissions, type OperatorPermissions, type PermissionOptions } from './rbac/operator-permissions.js';
export { defineModule, type Constructor, type OperatorModule } from './operator/module.js';
export {
  storageVersionMigration,
  type StorageVersionMigrationOptions,
} from './storage-version/storage-version-migration.js';
export { installKinds } from './operator/install-kinds.js';
export { Operator } from './operator/operator.js';
export type { InstallOptions, OperatorOptions, StopOptions, WaitOptions } from './operator/operator-options.js';

export type { ShardOptions } from './operator/shard.js';

export type { LeaderElectionOptions } from './leader-election/leader-election-options.js';
export type { LeaseTiming } from './leader-election/lease-timing.js';

export {
  AssemblyError,
  ChildNotOwnedError,
  ChildOutOfScopeError,
  CoreError,
  DecoratorError,
  FieldConflictError,
  isSpecError,
  LeadershipLostError,
  messageOf,
  NotDeclaredError,
  OptionError,
  OwnedByOtherError,
  PruneRefusedError,
  ReconcileTimeoutError,
  SettleTimeoutError,
  SpecError,
  type CoreErrorCode,
} from './errors.js';

export { inject, injectable, injectAll, type DependencyContainer } from './dependency-injection.js';
export type { KubernetesObject, NamespacedName, ObjectMeta } from '@trueup/kube';
