import { isSpecError, verdict, type ConfigMap, type Context, type Verdict } from '@trueup/core';
import { oidcCaBundle, oidcCaBundleVerdict } from '@trueup/mcp-oidc-config';
import { telemetryCaBundle, telemetryCaBundleVerdict } from '@trueup/mcp-telemetry-config';
import { readConfigMap } from '@trueup/mcp-workload';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import type { MCPServer } from './resource.js';

/* Whether the CA bundles are there that configs of a server name. Advice only: its pods wait for them anyway. */

/** The condition `CABundleRefValidated`. */
export async function oidcCaBundleValidated(server: MCPServer, ctx: Context): Promise<Verdict> {
  const resolved = ctx.reference(oidcConfigRef);
  if (resolved.state === 'none' || resolved.config === undefined) return verdict.absent;
  const { config } = resolved;
  return oidcCaBundleVerdict(config, await configMapOf(() => oidcCaBundle(config), server, ctx));
}

/** The condition `TelemetryCABundleRefValidated`. */
export async function telemetryCaBundleValidated(server: MCPServer, ctx: Context): Promise<Verdict> {
  const resolved = ctx.reference(telemetryConfigRef);
  if (resolved.state === 'none' || resolved.config === undefined) return verdict.absent;
  const { config } = resolved;
  return telemetryCaBundleVerdict(config, await configMapOf(() => telemetryCaBundle(config), server, ctx));
}

async function configMapOf(
  bundle: () => { readonly configMap: string; readonly key: string } | undefined,
  { metadata }: MCPServer,
  ctx: Context,
): Promise<ConfigMap | undefined> {
  const found = mountable(bundle);
  if (found === undefined) return undefined;
  return readConfigMap({ name: found.configMap, key: found.key }, metadata.namespace ?? '', ctx);
}

/** What cannot be mounted is not looked for; the verdict says why it cannot. */
function mountable<T>(bundle: () => T | undefined): T | undefined {
  try {
    return bundle();
  } catch (error) {
    if (isSpecError(error)) return undefined;
    throw error;
  }
}
