import { ConfigMap, defineKind, defineModule, Owns, Reconciler, type ObjectOf } from '@trueup/core';
import { z } from 'zod';

export const Website = defineKind({
  group: 'example.com',
  kind: 'Website',
  versions: { v1: {} },
  spec: z.object({ html: z.string().max(10_000) }),
});

@Reconciler(Website)
@Owns(ConfigMap)
class WebsiteReconciler {
  desired({ metadata, spec }: ObjectOf<typeof Website>) {
    const data = { 'index.html': spec.html };
    return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: metadata.name }, data }];
  }
}

export const website = defineModule({ name: 'website', kinds: [Website], reconcilers: [WebsiteReconciler] });
