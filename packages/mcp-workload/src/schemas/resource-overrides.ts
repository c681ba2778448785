import { atomic } from '@trueup/core';
import { z } from 'zod';
import { environmentSchema } from './environment.js';

const texts = z.record(z.string(), z.string());

const metadata = {
  labels: texts.optional().describe('Further labels.'),
  annotations: texts.optional().describe('Further annotations.'),
};

/** What users add to the objects that are made for them. */
export const resourceOverridesSchema = z.object({
  proxyDeployment: z
    .object({
      ...metadata,
      podTemplateMetadataOverrides: z.object(metadata).optional().describe('Labels and annotations of the proxy pods.'),
      env: environmentSchema.optional().describe('Further environment of the proxy container.'),
      imagePullSecrets: z
        .array(atomic(z.object({ name: z.string().default('').describe('Name of the Secret.') })))
        .optional()
        .describe('Pull secrets of the proxy pods and of the service accounts made for them.'),
    })
    .optional()
    .describe('Additions to the Deployment of the proxy.'),
  proxyService: z.object(metadata).optional().describe('Additions to the Service of the proxy.'),
});
