import { atomic } from '@trueup/core';
import { z } from 'zod';

/** What is left of the 63 characters of a volume's name after the prefix `oidc-ca-bundle-`. */
export const MAX_BUNDLE_NAME_LENGTH = 48;

const configMapRef = atomic(
  z.object({
    name: z
      .string()
      .min(1)
      .max(MAX_BUNDLE_NAME_LENGTH)
      .describe(
        'Name of the ConfigMap, in the same namespace. Without dots, since it becomes part of the name of a volume, and not otel.',
      ),
    key: z.string().describe('Key within the ConfigMap; ca.crt when empty.'),
    optional: z.boolean().optional().describe('Not looked at: the ConfigMap and its key must exist.'),
  }),
);

export const caBundleSource = z.object({
  configMapRef: configMapRef.optional().describe('The ConfigMap that holds the certificates, as PEM.'),
});
