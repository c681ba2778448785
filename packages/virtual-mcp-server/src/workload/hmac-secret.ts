import { randomBytes } from 'node:crypto';
import { isObjectName, messageOf, Secret, type ContentRef, type Context, type EnvVar } from '@trueup/core';
import { formatName } from '@trueup/kube';
import { secretVariable } from '@trueup/mcp-workload';
import { hmacSecretName } from '../names.js';
import type { VirtualMCPServer } from '../resource.js';

const KEY = 'hmac-secret';
const LENGTH = 32;

export const hmacVariable = (server: string): EnvVar =>
  secretVariable('VMCP_SESSION_HMAC_SECRET', { name: hmacSecretName(server), key: KEY });

/**
 * Makes the Secret that pods expect, with a value of its own; one that is there is never changed. The server does not use
 * the value any more, so a Secret that is no good is only told of, when a server is first deployed on it.
 *
 * @param isDeployed - Whether the server has been deployed before.
 */
export async function ensureHmacSecret(
  server: VirtualMCPServer,
  ctx: Context,
  { isDeployed, fieldManager }: { readonly isDeployed: boolean; readonly fieldManager: string },
): Promise<void> {
  const { name, namespace } = server.metadata;
  const ref: ContentRef = { kind: 'Secret', name: hmacSecretName(name), key: KEY };
  const isMissing = ctx.contents([ref]).missing.length > 0;
  if (isDeployed && !isMissing) return;
  const secret = await find(ref.name, namespace, ctx);
  if (secret === undefined) return create(server, ctx, fieldManager);
  const problem = hmacProblem(secret, server);
  if (isDeployed || problem === undefined) return;
  ctx.event({
    type: 'Warning',
    reason: 'HMACSecretValidationFailed',
    action: 'ValidateHMACSecret',
    note: `Existing HMAC secret validation failed: ${problem}`,
  });
}

async function create(server: VirtualMCPServer, ctx: Context, fieldManager: string): Promise<void> {
  const action = 'CreateHMACSecret';
  try {
    await ctx.client.create(Secret.resource, hmacSecret(server), { fieldManager, signal: ctx.signal });
  } catch (error) {
    const note = `Failed to create HMAC secret: ${messageOf(error)}`;
    ctx.event({ type: 'Warning', reason: 'HMACSecretCreationFailed', action, note });
    throw error;
  }
  const note = 'HMAC secret created for session token binding';
  ctx.event({ type: 'Normal', reason: 'HMACSecretCreated', action, note });
}

function hmacSecret({ apiVersion, kind, metadata: { name, namespace, uid } }: VirtualMCPServer) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: hmacSecretName(name),
      ...(namespace !== undefined && { namespace }),
      labels: {
        'app.kubernetes.io/name': 'virtualmcpserver',
        'app.kubernetes.io/instance': name,
        'app.kubernetes.io/component': 'session-security',
        'app.kubernetes.io/managed-by': 'toolhive-operator',
      },
      annotations: { 'toolhive.stacklok.dev/purpose': 'hmac-secret-for-session-token-binding' },
      ownerReferences: [{ apiVersion, kind, name, uid: uid ?? '', controller: true, blockOwnerDeletion: true }],
    },
    type: 'Opaque',
    stringData: { [KEY]: randomBytes(LENGTH).toString('base64') },
  };
}

async function find(name: string, namespace: string | undefined, ctx: Context): Promise<Secret | undefined> {
  if (!isObjectName(name)) return undefined;
  const where = { name, ...(namespace !== undefined && { namespace }) };
  return ctx.client.find<Secret>(Secret.resource, where, { signal: ctx.signal });
}

/** Says what is wrong with a Secret that was there already; never what it holds. */
export function hmacProblem(
  { metadata, data = {} }: Secret,
  { metadata: server, kind }: VirtualMCPServer,
): string | undefined {
  const isOwn = (metadata.ownerReferences ?? []).some(
    (owner) => owner.uid === server.uid && owner.kind === kind && owner.name === server.name,
  );
  if (!isOwn) return `secret is not owned by ${kind} ${formatName(server)}`;
  const stored = data[KEY];
  if (stored === undefined) return `secret missing required '${KEY}' key`;
  const text = Buffer.from(stored, 'base64').toString('utf8');
  if (text === '') return `${KEY} is empty`;
  const value = Buffer.from(text, 'base64');
  if (value.toString('base64') !== text) {
    return `${KEY} is not valid base64: illegal base64 data at input byte ${text.search(/[^A-Za-z0-9+/]|$/)}`;
  }
  if (value.length !== LENGTH) return `${KEY} must be exactly ${LENGTH} bytes, got ${value.length} bytes`;
  return value.every((byte) => byte === 0) ? `${KEY} is all zeros (weak key)` : undefined;
}
