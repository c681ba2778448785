import type { KubernetesObject, ResourceType } from '@trueup/kube';
import type { z } from 'zod';
import type { WebhookClientConfig } from '../webhooks/webhook-target.js';
import type { Column } from './column.js';
import { isConverting } from './convert-object.js';
import { pluralOf, storageVersionOf } from './define-kind.js';
import { KindDefinitionError, SchemaError } from './kind-errors.js';
import type { Kind, KindDefinition, VersionOptions } from './kind.js';
import { inKeywordOrder, type StructuralSchema } from './structural-schema.js';
import { structuralSchema } from './zod-to-structural.js';

/** {@link https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ | CustomResourceDefinition}, as far as kinds use it. */
export interface CustomResourceDefinition extends KubernetesObject {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly CustomResourceDefinitionVersion[];
    /** Absent: versions differ by their names alone. */
    readonly conversion?: {
      readonly strategy: 'Webhook';
      readonly webhook: {
        readonly clientConfig: WebhookClientConfig;
        readonly conversionReviewVersions: readonly ['v1'];
      };
    };
  };
}

/** The kind of definitions themselves. */
export const CUSTOM_RESOURCE_DEFINITION: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

export interface CustomResourceDefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: true;
  readonly deprecationWarning?: string;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
  readonly additionalPrinterColumns?: readonly Column[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
  readonly subresources?: {
    readonly status?: Readonly<Record<string, never>>;
    readonly scale?: KindDefinition['scale'];
  };
}

/**
 * The CustomResourceDefinition of a kind: plain JSON, the same keys in the same order every time.
 *
 * @param conversion - Where the webhook is that converts the objects of a kind with `convert`; others need none.
 * @throws {@link SchemaError} (`ERR_SCHEMA_INVALID`) for a schema that says what a CRD cannot say,
 * {@link KindDefinitionError} (`ERR_KIND_INVALID`) when the kind converts and nobody says where.
 */
export function customResourceDefinition(kind: Kind, conversion?: WebhookClientConfig): CustomResourceDefinition {
  const { definition } = kind;
  const { group, shortNames = [], categories = [], scope = 'Namespaced', labels } = definition;
  const plural = pluralOf(definition);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(labels && { labels }) },
    spec: {
      group,
      names: {
        kind: definition.kind,
        listKind: `${definition.kind}List`,
        plural,
        singular: definition.singular ?? definition.kind.toLowerCase(),
        ...(shortNames.length > 0 && { shortNames }),
        ...(categories.length > 0 && { categories }),
      },
      scope,
      versions: versionsOf(definition),
      ...(isConverting(kind) && { conversion: byWebhook(kind, conversion) }),
    },
  };
}

function byWebhook(
  { definition }: Kind,
  clientConfig: WebhookClientConfig | undefined,
): CustomResourceDefinition['spec']['conversion'] {
  if (clientConfig === undefined) {
    const path = 'versions';
    const problem =
      'are converted by a webhook that is not served; set `webhooks` of the operator, or name its address';
    throw new KindDefinitionError(definition.kind, path, problem);
  }
  return { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } };
}

/** Made once: tests install the same kinds again and again. */
const versionsOfDefinitions = new WeakMap<KindDefinition, readonly CustomResourceDefinitionVersion[]>();

function versionsOf(definition: KindDefinition): readonly CustomResourceDefinitionVersion[] {
  const known = versionsOfDefinitions.get(definition);
  if (known !== undefined) return known;
  const versions = Object.entries(definition.versions).map(([name, version]) => versionOf(definition, name, version));
  versionsOfDefinitions.set(definition, versions);
  return versions;
}

function versionOf(definition: KindDefinition, name: string, version: VersionOptions): CustomResourceDefinitionVersion {
  const { columns = definition.columns ?? [], status = definition.status } = version;
  const { scale, selectableFields = [] } = definition;
  return {
    name,
    served: version.served ?? true,
    storage: storageVersionOf(definition) === name,
    ...(version.deprecated !== undefined && { deprecated: true, deprecationWarning: version.deprecated }),
    schema: { openAPIV3Schema: objectSchema(definition, version) },
    ...(columns.length > 0 && { additionalPrinterColumns: columns }),
    ...(selectableFields.length > 0 && { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
    ...((status ?? scale) && { subresources: { ...(status && { status: {} }), ...(scale && { scale }) } }),
  };
}

/** The schema of whole objects of a kind in one version; the storage version unless another is given. */
export function objectSchema(definition: KindDefinition, version: VersionOptions = {}): StructuralSchema {
  const { kind, description, specRequired = false } = definition;
  const { spec = definition.spec, status = definition.status } = version;
  return inKeywordOrder({
    ...(description !== undefined && { description }),
    type: 'object',
    properties: {
      apiVersion: { description: 'The group and version this object is written in.', type: 'string' },
      kind: { description: 'The kind of this object.', type: 'string' },
      metadata: { type: 'object' },
      spec: objectAt('spec', spec, kind),
      ...(status && { status: objectAt('status', status, kind) }),
    },
    ...(specRequired && { required: ['spec'] }),
  });
}

const DESCRIPTIONS = { spec: 'What is asked for.', status: 'What was found, written by the operator.' };

function objectAt(field: 'spec' | 'status', zodSchema: z.ZodType, kind: string): StructuralSchema {
  const schema = structuralSchema(zodSchema, kind, field);
  if (schema.type !== 'object') throw new SchemaError(kind, field, 'must be a z.object(…)');
  return { description: DESCRIPTIONS[field], ...schema };
}
