import { AuthorizerValue, ResourceCheckValue } from '../cel/library/authorization.js';
import type { JsonObject, KubeObject } from '../object.js';
import type { AdmissionRequest, GroupVersionKind } from '../resources/admission.js';
import type { Resource } from '../resources/resource.js';
import { inVersion } from '../resources/served-object.js';
import { expressionValue, type AdmissionValues } from './admission-expression.js';
import type { WebhookEnvironment } from './environment.js';
import { UserAccess } from './user-access.js';

/** A request in the version of its kind that a webhook or a policy is for. */
export interface RequestView {
  readonly resource: Resource;
  readonly object?: KubeObject;
  readonly oldObject?: Readonly<KubeObject>;
}

export async function viewIn(request: AdmissionRequest, resource: Resource): Promise<RequestView> {
  const { object, oldObject } = request;
  if (resource === request.resource || request.kind) return { ...objectsOf(object, oldObject), resource };
  return {
    ...objectsOf(
      object && (await inVersion(request.resource, resource, object)),
      oldObject && (await inVersion(request.resource, resource, oldObject)),
    ),
    resource,
  };
}

function objectsOf(
  object: Readonly<KubeObject> | undefined,
  oldObject: Readonly<KubeObject> | undefined,
): Pick<RequestView, 'object' | 'oldObject'> {
  return { ...(object && { object }), ...(oldObject && { oldObject }) };
}

/** An AdmissionReview's request, without its uid and objects. */
export function describeRequest(request: AdmissionRequest, { resource }: RequestView): JsonObject {
  const { subresource, name, namespace, operation, user } = request;
  return {
    kind: kindOf(request, resource),
    resource: resourceName(resource),
    ...(subresource === undefined ? {} : { subResource: subresource }),
    requestKind: kindOf(request, request.resource),
    requestResource: resourceName(request.resource),
    ...(subresource === undefined ? {} : { requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    operation,
    userInfo: { ...user },
  };
}

/** A request as expressions see it. */
export function valuesOf(
  request: AdmissionRequest,
  view: RequestView,
  { authorizer }: WebhookEnvironment,
): AdmissionValues {
  const { dryRun, options, resource, subresource = '', namespace = '', name, user } = request;
  const access = new UserAccess(authorizer, user);
  const question = { group: resource.group, resource: resource.plural, subresource, namespace, name };
  return {
    authorizer: new AuthorizerValue(access),
    'authorizer.requestResource': new ResourceCheckValue(access, question),
    object: expressionValue(view.object),
    oldObject: expressionValue(view.oldObject),
    request: expressionValue({ ...describeRequest(request, view), dryRun, options }),
  };
}

function kindOf({ kind }: AdmissionRequest, resource: Resource): GroupVersionKind {
  if (kind) return kind;
  return { group: resource.group, version: resource.version, kind: resource.kind };
}

function resourceName({ group, version, plural }: Resource): JsonObject {
  return { group, version, resource: plural };
}
