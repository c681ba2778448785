import {
  defineKind,
  defineModule,
  fieldError,
  Mutates,
  Validates,
  type AdmissionRequest,
  type CustomObject,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';

export const Site = defineKind({
  group: 'example.com',
  kind: 'Site',
  versions: {
    v1: { storage: true },
    v1beta1: {
      spec: z.object({ host: z.string() }),
      convert: {
        toStored: ({ spec }: CustomObject<{ readonly host: string }>) => ({ spec: { hosts: [spec.host] } }),
        fromStored: ({ spec }) => ({ spec: { host: spec.hosts[0] ?? '' } }),
      },
    },
  },
  spec: z.object({ hosts: z.array(z.string()).default([]) }),
});
type Site = ObjectOf<typeof Site>;

class SiteWebhooks {
  @Mutates(Site)
  hostOfItsOwn(site: Site) {
    if (site.spec.hosts.length > 0) return undefined;
    return { ...site, spec: { hosts: [`${site.metadata.name}.example.com`] } };
  }

  @Validates(Site)
  hostsStay({ spec }: Site, { old }: AdmissionRequest<Site>) {
    const gone = old?.spec.hosts.filter((host) => !spec.hosts.includes(host)) ?? [];
    return gone.map((host) => fieldError.forbidden('spec.hosts', `people have links to ${host}`));
  }
}

export const sites = defineModule({ name: 'sites', kinds: [Site], reconcilers: [], webhooks: [SiteWebhooks] });
