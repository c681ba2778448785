import { Condition, Reconciler, References, verdict, type Context, type Verdict } from '@trueup/core';
import { requireCompatibleAuth } from './auth-conflict.js';
import { authServerRef } from './references/auth-server-ref.js';
import { authzConfigRef } from './references/authz-config-ref.js';
import { externalAuthRef } from './references/external-auth-ref.js';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { proxyStanding } from './proxy-standing.js';
import { MCPRemoteProxy } from './resource.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import { toolConfigRef } from './references/tool-config-ref.js';

/** Judges the references of MCPRemoteProxies. Nothing is deployed for them yet. */
@Reconciler(MCPRemoteProxy, { name: 'mcpremoteproxy-controller' })
@References(toolConfigRef, telemetryConfigRef, externalAuthRef, authServerRef, oidcConfigRef, authzConfigRef)
export class MCPRemoteProxyReconciler {
  /** Shown by `AuthServerRefValidated`; nothing is left to say where the references go together. */
  @Condition('AuthReferencesCompatible')
  authReferencesCompatible(_proxy: MCPRemoteProxy, ctx: Context): Verdict {
    requireCompatibleAuth(ctx);
    return verdict.absent;
  }

  /** Never True here: that takes a proxy that runs. */
  @Condition('Ready', { observes: [] })
  ready(proxy: MCPRemoteProxy, ctx: Context): Verdict {
    const standing = proxyStanding(proxy, ctx);
    return standing === undefined ? verdict.absent : verdict.false('NotReady', standing.message);
  }

  status(proxy: MCPRemoteProxy, ctx: Context): Readonly<Record<string, unknown>> {
    return { ...proxyStanding(proxy, ctx) };
  }
}
