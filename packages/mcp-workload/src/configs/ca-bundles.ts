import { isSpecError, verdict, type ConfigMap, type Context, type Verdict } from '@trueup/core';
import { oidcCaBundle, oidcCaBundleVerdict } from '@trueup/mcp-oidc-config';
import { telemetryCaBundle, telemetryCaBundleVerdict } from '@trueup/mcp-telemetry-config';
import type { ProxiedKind, ProxiedWorkload } from '../proxied-workload.js';
import { readConfigMap } from '../read-config-map.js';

/* Whether the CA bundles are there that configs of a workload name. Advice only: its pods wait for them anyway. */

/** The condition `CABundleRefValidated`. */
export async function oidcCaBundleValidated<W extends ProxiedWorkload>(
  { metadata }: W,
  ctx: Context,
  { references }: ProxiedKind<W>,
): Promise<Verdict> {
  const resolved = ctx.reference(references.oidcConfigRef);
  if (resolved.state === 'none' || resolved.config === undefined) return verdict.absent;
  const { config } = resolved;
  return oidcCaBundleVerdict(config, await configMapOf(() => oidcCaBundle(config), metadata.namespace, ctx));
}

/** The condition `TelemetryCABundleRefValidated`. */
export async function telemetryCaBundleValidated<W extends ProxiedWorkload>(
  { metadata }: W,
  ctx: Context,
  { references }: ProxiedKind<W>,
): Promise<Verdict> {
  const resolved = ctx.reference(references.telemetryConfigRef);
  if (resolved.state === 'none' || resolved.config === undefined) return verdict.absent;
  const { config } = resolved;
  return telemetryCaBundleVerdict(config, await configMapOf(() => telemetryCaBundle(config), metadata.namespace, ctx));
}

async function configMapOf(
  bundle: () => { readonly configMap: string; readonly key: string } | undefined,
  namespace: string | undefined,
  ctx: Context,
): Promise<ConfigMap | undefined> {
  const found = mountable(bundle);
  return found && readConfigMap({ name: found.configMap, key: found.key }, namespace ?? '', ctx);
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
