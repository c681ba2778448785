import { required } from '@trueup/core';
import { z } from 'zod';

/** All references are by name, to an object in the namespace of the workload. */
const name = z.string().describe('Name of the object, in the same namespace.');

export const groupRefSchema = z.object({ name: name.min(1) });

export const toolConfigRefSchema = z.object({ name });

export const webhookConfigRefSchema = z.object({ name });

export const externalAuthConfigRefSchema = z.object({ name });

export const authzConfigRefSchema = z.object({ name: name.min(1) });

export const authServerRefSchema = z.object({
  kind: required(z.enum(['MCPExternalAuthConfig']).default('MCPExternalAuthConfig')).describe('Kind of the object.'),
  name: name.min(1),
});

export const oidcConfigRefSchema = z.object({
  name: name.min(1),
  audience: z.string().min(1).describe('`aud` that tokens must have; one of its own for every workload.'),
  scopes: z.array(z.string()).optional().describe('Scopes told to clients in the protected-resource metadata.'),
  resourceUrl: z.string().optional().describe('Where clients reach this workload; found out when absent.'),
});

export const telemetryConfigRefSchema = z.object({
  name: name.min(1),
  serviceName: z
    .string()
    .optional()
    .describe('Name of the service in traces and metrics; that of the workload when absent.'),
});
