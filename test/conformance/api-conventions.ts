export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const WEBHOOK_CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
export const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;
export const DEFAULT_HEADERS = { 'User-Agent': 'conformance/1.0', Accept: 'application/json' } as const;
