import type { DesiredObject } from '@trueup/core';
import { inlineAuthzDocument } from '../run-config/authz.js';
import type { ProxySpec } from '../schemas/proxy-fields.js';

/** The file the proxy reads, and the key it is in unless the spec names another. */
export const AUTHZ_KEY = 'authz.json';

export const inlineAuthzName = (workload: string): string => `${workload}-authz-inline`;

/** The ConfigMap with policies that stand in the workload: for people to read, the proxy goes by the run configuration. */
export function inlineAuthzMap(
  workload: string,
  { authzConfig }: ProxySpec,
  labels: Readonly<Record<string, string>>,
): readonly DesiredObject[] {
  if (authzConfig?.type !== 'inline' || authzConfig.inline === undefined) return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: inlineAuthzName(workload), labels: { ...labels, 'toolhive.stacklok.io/authz': 'inline' } },
      data: { [AUTHZ_KEY]: inlineAuthzDocument(authzConfig.inline) },
    },
  ];
}
